# One libtorrent machine of the crowd bench: seed|get TORRENT DIR ADDRESS libtorrent|libtorrent-super
# Prints "ready" (seed), or "done" when the payload is verified (get); then it goes on seeding until it is killed.
import sys
import time

import libtorrent as lt

role, torrent, folder, address, client = sys.argv[1:6]
session = lt.session(
    {
        "listen_interfaces": "%s:6881" % address,
        "enable_dht": False,
        "enable_lsd": "lsd" in client,
        "enable_upnp": False,
        "enable_natpmp": False,
        "enable_outgoing_utp": False,
        "enable_incoming_utp": False,
        "allow_multiple_connections_per_ip": True,
        "alert_mask": lt.alert.category_t.status_notification,
    }
)


def wait_for(kind):
    # Told by an alert: to ask again and again takes time of the thread that downloads.
    while True:
        session.wait_for_alert(60_000)
        if any(isinstance(alert, kind) for alert in session.pop_alerts()):
            return


params = lt.add_torrent_params()
params.ti = lt.torrent_info(torrent)
params.save_path = folder
if role == "seed":
    params.flags |= lt.torrent_flags.seed_mode
    if client.startswith("libtorrent-super"):
        params.flags |= lt.torrent_flags.super_seeding
handle = session.add_torrent(params)
wait_for(lt.torrent_checked_alert if role == "get" else lt.add_torrent_alert)
if role == "seed":
    print("ready", flush=True)
if role == "get":
    wait_for(lt.torrent_finished_alert)
print("done", flush=True)
time.sleep(600)
