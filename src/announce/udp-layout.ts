// Where the fields of BEP 15's datagrams stand. All numbers are big-endian.
//
//   request             connect      announce                                  scrape
//    0  connection id   constant     8 bytes                                   8 bytes
//    8  action          0            1                                         2
//   12  transaction id  4 bytes      4 bytes                                   4 bytes
//   16                               info-hash 20                              info-hashes, 20 each
//   36                               peer id 20
//   56                               downloaded 8, left 8, uploaded 8
//   80                               event 4, claimed IPv4 4, key 4
//   92                               peers wanted 4 (-1: the tracker's choice), port 2
//   98                               options (BEP 41)
//
//   reply               connect      announce                                  scrape                   error (action 3)
//    0  action, 4  transaction id
//    8                  id 8         interval 4, incomplete 4, complete 4      complete 4, downloaded   text
//   20                               peers, 6 or 18 each                       4, incomplete 4, …

/** The connection id of a connect request: 0x41727101980. */
export const PROTOCOL_HIGH = 0x417;
export const PROTOCOL_LOW = 0x2710_1980;

export const ACTION_CONNECT = 0;
export const ACTION_ANNOUNCE = 1;
export const ACTION_SCRAPE = 2;
export const ACTION_ERROR = 3;

export const UDP_CONNECT_REQUEST_BYTES = 16;
export const UDP_CONNECT_REPLY_BYTES = 16;
export const UDP_ANNOUNCE_REQUEST_BYTES = 98;
export const UDP_ANNOUNCE_REPLY_HEADER_BYTES = 20;
export const UDP_REQUEST_HEADER_BYTES = 16;
export const UDP_REPLY_HEADER_BYTES = 8;
export const SCRAPE_ENTRY_BYTES = 12;
export const INFO_HASH_BYTES = 20;

/** The 64 bits with which a UDP tracker knows again who has proven its address. Two halves: BigInt is slow at 100 k/s. */
export interface ConnectionId {
  readonly high: number;
  readonly low: number;
}
