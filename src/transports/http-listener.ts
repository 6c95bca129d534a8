import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { closeServer, listen } from './listen.js';
import type { TcpAddress } from './tcp.js';

/** A page as it is answered: the status of HTTP, the media type, the text. */
export interface Page {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** A port on which small pages can be read. */
export interface HttpListener {
  /** Ends all connections and stops to listen. Never throws. */
  close(): Promise<void>;
}

/** What is served, by the path in the URL. A page is made when it is asked for. */
export type Pages = Readonly<Record<string, () => Page>>;

/** How many may be connected at once. */
export const MAX_CONNECTIONS = 16;
/** A connection serves one request and ends after this time at the latest, however slowly it is asked or read. */
export const CONNECTION_MS = 10_000;
const MAX_HEADER_BYTES = 8_192;

const HEADERS = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff', Connection: 'close' } as const;

/**
 * Serves pages on a TCP port, to be read only.
 * @param onError called with what went wrong with one request: no descriptor left, or a bug in what makes the page, which is answered with 500
 * @throws LinkError nothing can listen there, with what to do about it
 */
export async function openHttp(
  address: TcpAddress,
  pages: Pages,
  onError: (error: unknown) => void,
  signal: AbortSignal,
): Promise<HttpListener> {
  signal.throwIfAborted();
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: 0, requestTimeout: 0 }, (request, response) => {
    answer(request, response, pages, onError);
  });
  limit(server);
  const close = async (): Promise<void> => {
    const closed = closeServer(server);
    server.closeAllConnections();
    await closed;
  };
  try {
    await listen(server, address, onError, signal);
    return { close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Node's own limits are looked at every half minute, and none of them is about a client that does not read. */
function limit(server: Server): void {
  server.maxConnections = MAX_CONNECTIONS;
  server.on('connection', (socket) => {
    const timer = setTimeout(() => socket.destroy(), CONNECTION_MS);
    socket.once('close', () => {
      clearTimeout(timer);
    });
  });
}

function answer(request: IncomingMessage, response: ServerResponse, pages: Pages, onError: (error: unknown) => void): void {
  const { status, type, text } = pageFor(request, pages, onError);
  response.writeHead(status, {
    ...HEADERS,
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(text),
    ...(status === 405 && { Allow: 'GET, HEAD' }),
  });
  response.end(text);
}

function pageFor({ method, url = '/' }: IncomingMessage, pages: Pages, onError: (error: unknown) => void): Page {
  const [path = ''] = url.split('?');
  if (!Object.hasOwn(pages, path)) return plain(404, `There is nothing here, but at ${Object.keys(pages).join(' and ')}.`);
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'This can only be read.');
  try {
    return pages[path]?.() ?? plain(404, '');
  } catch (error) {
    onError(error);
    return plain(500, 'An error in the program, see its log.');
  }
}

/** A page of plain text, ended by a line break. */
export function plain(status: number, text: string): Page {
  return { status, type: 'text/plain; charset=utf-8', text: `${text}\n` };
}
