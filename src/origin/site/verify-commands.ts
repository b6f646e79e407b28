// The commands that a reader pastes to check a file against its hash. The file's name is a publisher's word and lands in
// a shell, so it is quoted by that shell's rules; where a shell has none that are safe, a stand-in is shown.

/** For sh. A plain name stays as it is, since a quoted one is harder to read. */
function posixWord(text: string): string {
  return /^[\w.+@-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** For PowerShell, which takes the curly single quotes for straight ones. */
function powerShellWord(text: string): string {
  return `'${text.replace(/['‘’‚‛]/g, "$&$&")}'`;
}

/** cmd expands % also within quotes and can then not be quoted at all; ^ and ! depend on its settings. */
function cmdWord(name: string): string {
  return /^[\p{L}\p{N} ._+@(),&=~-]+$/u.test(name) ? `"${name}"` : '"THE FILE"';
}

/** A name that begins with a dash would be an option. */
function relative(name: string): string {
  return name.startsWith("-") ? `./${name}` : name;
}

export interface FileHash {
  readonly name: string;
  /** Hex. */
  readonly sha256: string;
}

export function sha256sumCommand(file: FileHash): string {
  return checkCommand(file, "sha256sum --check");
}

export function shasumCommand(file: FileHash): string {
  return checkCommand(file, "shasum -a 256 --check");
}

function checkCommand({ name, sha256 }: FileHash, tool: string): string {
  const line = `${sha256}  ${relative(name)}`;
  // Some shells' echo reads backslashes; printf '%s\n' never does.
  return /^[\w.+@ /-]+$/.test(name) ? `echo "${line}" | ${tool}` : `printf '%s\\n' ${posixWord(line)} | ${tool}`;
}

export function fileHashCommand({ name, sha256 }: FileHash): string {
  return `(Get-FileHash -Algorithm SHA256 -LiteralPath ${powerShellWord(name)}).Hash -eq '${sha256}'`;
}

export function certutilCommand({ name }: FileHash): string {
  return `certutil -hashfile ${cmdWord(name)} SHA256`;
}

/** Fetches and verifies: signature, hashes, all of it. */
export function getCommand(pageUrl: string): string {
  return `upswarm get ${posixUrl(pageUrl)}`;
}

/** Checks what is there already, file or folder. */
export function verifyCommand(name: string): string {
  return `upswarm verify ${posixWord(relative(`${name}.torrent`))} ${posixWord(relative(name))}`;
}

function posixUrl(url: string): string {
  return /^[\w.+@:/%~-]+$/.test(url) ? url : posixWord(url);
}
