# Creates a torrent as libtorrent's users do it: PATH OUT FORMAT PIECE_LENGTH. The hashing threads of set_piece_hashes
# cannot be set from Python (2.0.8).
import os
import sys
import libtorrent as lt

path, out, format, piece_length = sys.argv[1:]
flags = {"v1": lt.create_torrent.v1_only, "v2": lt.create_torrent.v2_only, "hybrid": 0}[format]
files = lt.file_storage()
lt.add_files(files, path)
torrent = lt.create_torrent(files, int(piece_length), flags)
lt.set_piece_hashes(torrent, os.path.dirname(path))
with open(out, "wb") as file:
    file.write(lt.bencode(torrent.generate()))
