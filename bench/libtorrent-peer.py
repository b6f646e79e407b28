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
        "alert_mask": 0,
    }
)
session = lt.session(settings)
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
while handle.status().state in (lt.torrent_status.checking_files, lt.torrent_status.checking_resume_data):
    time.sleep(0.005)
begin = time.time()
for port in ports:
    handle.connect_peer(("127.0.0.1", port))
while not handle.status().is_seeding:
    time.sleep(0.002)
print(time.time() - begin, flush=True)
os._exit(0)
