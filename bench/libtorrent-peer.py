# One libtorrent peer for the benches: seed TORRENT DIR PORT, or get TORRENT DIR PORT OF THE SEED.
# Prints "ready" or the seconds from the first connection to the last verified piece and the peak of resident memory.
import os
import resource
import sys
import time

import libtorrent as lt

role, torrent, folder, port = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
tuned = len(sys.argv) > 5 and sys.argv[5] == "tuned"
settings = lt.high_performance_seed() if tuned else {}
settings.update(
    {
        "listen_interfaces": "127.0.0.1:%d" % (port if role == "seed" else 0),
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "enable_outgoing_utp": False,
        "enable_incoming_utp": False,
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
handle.connect_peer(("127.0.0.1", port))
while not handle.status().is_seeding:
    time.sleep(0.002)
seconds = time.time() - begin
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)
os._exit(0)
