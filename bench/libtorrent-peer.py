# One libtorrent peer of the throughput bench: seed plain|tuned TORRENT DIR PORT, or get plain|tuned TORRENT DIR PORT...
# of the seeds. Prints "ready", or the seconds from the first connection to the last verified piece.
import os
import sys
import time

import libtorrent as lt

role, settings_name, torrent, folder = sys.argv[1:5]
ports = [int(port) for port in sys.argv[5:]]
settings = lt.high_performance_seed() if settings_name == "tuned" else {}
settings.update(
    {
        "listen_interfaces": "127.0.0.1:%d" % (ports[0] if role == "seed" else 0),
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "enable_outgoing_utp": False,
        "enable_incoming_utp": False,
        "allow_multiple_connections_per_ip": True,
        "alert_mask": lt.alert.category_t.status_notification,
    }
)
session = lt.session(settings)


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
handle = session.add_torrent(params)
if role == "seed":
    print("ready", flush=True)
    while os.getppid() != 1:
        time.sleep(0.5)
    sys.exit(0)
wait_for(lt.torrent_checked_alert)
begin = time.time()
for port in ports:
    handle.connect_peer(("127.0.0.1", port))
wait_for(lt.torrent_finished_alert)
print(time.time() - begin, flush=True)
os._exit(0)
