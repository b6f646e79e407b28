"""One libtorrent client, or one torrent made by libtorrent. Options come as JSON in the first argument; what happens is
printed as JSON, one object a line. It ends when its stdin is closed, so that it cannot outlive who started it."""

import json
import os
import sys
import threading

import libtorrent as lt

VERSIONS = {"1": lt.create_torrent.v1_only, "2": lt.create_torrent.v2_only, "hybrid": 0}


def say(**fields):
    print(json.dumps(fields), flush=True)


def digest(value):
    return None if value.is_all_zeros() else value.to_bytes().hex()


def create(options):
    """Files in the order given, so that it is not the order of the file system's directory."""
    storage = lt.file_storage()
    base = os.path.dirname(options["path"])
    for name in options["files"]:
        path = os.path.join(base, name)
        if os.path.islink(path):
            # As add_files() does: the target from the torrent's root, and executable, for Linux lets everybody run a link.
            target = os.path.normpath(os.path.join(os.path.dirname(name), os.readlink(path)))
            flags = lt.file_flags_t.flag_symlink | lt.file_flags_t.flag_executable
            storage.add_file(name, 0, flags, 0, target.split("/", 1)[1])
        else:
            flags = lt.file_flags_t.flag_executable if os.access(path, os.X_OK) else 0
            storage.add_file(name, os.path.getsize(path), flags)
    flags = lt.create_torrent.symlinks
    if options["version"] != "hybrid":
        flags |= VERSIONS[options["version"]]
    torrent = lt.create_torrent(storage, options["pieceLengthBytes"], flags)
    lt.set_piece_hashes(torrent, base)
    document = torrent.generate()
    info = lt.torrent_info(document)
    hashes = info.info_hashes()
    if "output" in options:
        with open(options["output"], "wb") as file:
            file.write(lt.bencode(document))
    say(infoHashV1=digest(hashes.v1), infoHashV2=digest(hashes.v2))


def transfer(options):
    session = lt.session(
        {
            "listen_interfaces": options.get("listen", "127.0.0.1:0"),
            "enable_dht": False,
            "enable_lsd": options.get("localDiscovery", False),
            "enable_upnp": False,
            "enable_natpmp": False,
            # Peers on one machine share an address.
            "allow_multiple_connections_per_ip": True,
            "enable_incoming_utp": False,
            "enable_outgoing_utp": False,
            "alert_mask": lt.alert.category_t.error_notification
            | lt.alert.category_t.status_notification
            | lt.alert.category_t.peer_notification
            | lt.alert.category_t.tracker_notification
            | lt.alert.category_t.storage_notification
            | (lt.alert.category_t.peer_log_notification if options.get("verbose") else 0),
        }
    )
    if "magnet" in options:
        params = lt.parse_magnet_uri(options["magnet"])
    else:
        params = lt.add_torrent_params()
        params.ti = lt.torrent_info(options["torrent"])
    params.save_path = options["folder"]
    params.trackers = options.get("trackers", list(params.trackers))
    params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
    if options.get("seed"):
        params.flags |= lt.torrent_flags.seed_mode
    handle = session.add_torrent(params)
    for host, port in options.get("peers", []):
        handle.connect_peer((host, port))
    say(event="listening", port=session.listen_port())
    threading.Thread(target=watch, args=(session, handle), daemon=True).start()
    sys.stdin.read()


def watch(session, handle):
    # wait_for_alert() would hand out an alert that another thread may be moving in memory: it crashes now and then.
    news = threading.Event()
    session.set_alert_notify(news.set)
    while True:
        news.wait()
        news.clear()
        for alert in session.pop_alerts():
            kind = type(alert).__name__
            if kind == "torrent_finished_alert":
                # Finished is: every piece was hashed. Its disk threads may still be writing, so who reads the files waits.
                handle.flush_cache()
            elif kind == "cache_flushed_alert":
                say(event="finished", wanted=handle.status().total_wanted)
            elif kind in ("metadata_received_alert", "metadata_failed_alert", "tracker_reply_alert",
                          "tracker_error_alert", "hash_failed_alert", "peer_connect_alert"):
                say(event=kind.removesuffix("_alert"), message=alert.message())
            elif kind == "peer_log_alert":
                print(alert.message(), file=sys.stderr, flush=True)
            elif kind in ("peer_error_alert", "peer_disconnected_alert", "torrent_error_alert", "file_error_alert"):
                say(event=kind.removesuffix("_alert"), message=alert.message())


if __name__ == "__main__":
    arguments = json.loads(sys.argv[1])
    create(arguments) if arguments["mode"] == "create" else transfer(arguments)
