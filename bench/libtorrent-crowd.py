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
        "alert_mask": 0,
    }
)
params = lt.add_torrent_params()
params.ti = lt.torrent_info(torrent)
params.save_path = folder
if role == "seed":
    params.flags |= lt.torrent_flags.seed_mode
    if client.startswith("libtorrent-super"):
        params.flags |= lt.torrent_flags.super_seeding
handle = session.add_torrent(params)
while handle.status().state in (lt.torrent_status.checking_files, lt.torrent_status.checking_resume_data):
    time.sleep(0.01)
if role == "seed":
    print("ready", flush=True)
while role == "get" and not handle.status().is_seeding:
    time.sleep(0.01)
print("done", flush=True)
time.sleep(600)
