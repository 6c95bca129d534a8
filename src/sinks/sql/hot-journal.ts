import { open, rm, type FileHandle } from 'node:fs/promises';
import { isSystemError } from '../../pipeline/system-error.js';

/** What a rollback journal begins with, at each of its headers. SQLite Database File Format, section 3, "The Rollback Journal". */
const MAGIC = Buffer.from('d9d505f920a163d7', 'hex');
const HEADER_BYTES = 28;
/** A page's checksum adds up every so many bytes of it. */
const CHECKSUM_STEP = 200;

/** A header of a rollback journal. */
interface Header {
  /** How many pages follow. */
  readonly pages: number;
  readonly nonce: number;
  /** How many pages the database had. */
  readonly databasePages: number;
  readonly sectorSize: number;
  readonly pageSize: number;
}

/**
 * Undoes the transaction that a process was in when it was killed, as SQLite does where it can tell that nobody is in one: its build in WebAssembly cannot, since
 * the lock that it asks for is its own. Only for a database that nobody has open.
 * @returns whether there was one
 */
export async function rollBack(path: string): Promise<boolean> {
  const journalPath = `${path}-journal`;
  const journal = await openOrNot(journalPath);
  if (!journal) return false;
  try {
    const first = await readHeader(journal, 0);
    const database = first && (await openOrNot(path));
    if (first && database)
      try {
        await playBack(journal, database, first);
        await database.truncate(first.databasePages * first.pageSize);
        await database.sync();
      } finally {
        await database.close();
      }
    await rm(journalPath);
    return first !== undefined;
  } finally {
    await journal.close();
  }
}

/** Writes the pages of every part back, up to the first that was not finished: the database still has those. */
async function playBack(journal: FileHandle, database: FileHandle, first: Header): Promise<void> {
  const { pageSize, sectorSize } = first;
  const record = Buffer.alloc(4 + pageSize + 4);
  let at = 0;
  for (let header: Header | undefined = first; header; header = await readHeader(journal, at)) {
    at += sectorSize;
    for (let index = 0; index < header.pages; index++, at += record.length) {
      const { bytesRead } = await journal.read(record, 0, record.length, at);
      const page = record.subarray(4, 4 + pageSize);
      if (bytesRead < record.length || record.readUInt32BE(4 + pageSize) !== checksumOf(page, header.nonce)) return;
      await database.write(page, 0, pageSize, (record.readUInt32BE(0) - 1) * pageSize);
    }
    at = Math.ceil(at / sectorSize) * sectorSize;
  }
}

async function readHeader(journal: FileHandle, at: number): Promise<Header | undefined> {
  const bytes = Buffer.alloc(HEADER_BYTES);
  const { bytesRead } = await journal.read(bytes, 0, HEADER_BYTES, at);
  if (bytesRead < HEADER_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const [pages, nonce, databasePages, sectorSize, pageSize] = [8, 12, 16, 20, 24].map((offset) => bytes.readUInt32BE(offset));
  // None follow while they are not synced: the database has not been changed since.
  if (!pages || nonce === undefined || databasePages === undefined || !sectorSize || !pageSize) return undefined;
  return { pages, nonce, databasePages, sectorSize, pageSize };
}

function checksumOf(page: Uint8Array, nonce: number): number {
  let sum = nonce;
  for (let at = page.length - CHECKSUM_STEP; at > 0; at -= CHECKSUM_STEP) sum += page[at] ?? 0;
  return sum >>> 0;
}

async function openOrNot(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'ENOENT') throw error;
    return undefined;
  }
}
