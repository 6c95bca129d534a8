import { once } from 'node:events';
import { createServer as createHttp, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A request as it came. */
export interface Asked {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What is answered; `hang-up` closes the connection without a word, `never` leaves it open. */
export type Answering =
  { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly text?: string } | 'hang-up' | 'never';

/** A web server on a loopback port of its own. `await using` ends it. */
export interface WebServer extends AsyncDisposable {
  readonly port: number;
  /** `http://127.0.0.1:<port>`, with TLS `https://localhost:<port>`. */
  readonly url: string;
  /** All that was asked, oldest first. */
  readonly asked: Asked[];
  /** How many connections were made. */
  readonly connections: () => number;
  /** Ends it, and every connection. */
  stop(): Promise<void>;
  /** Listens again, on the same port. */
  start(): Promise<void>;
}

/** Starts a server; `answer` is called with each request. */
export async function startWebServer(
  answer: (asked: Asked) => Answering,
  tls?: { readonly cert: string; readonly key: string },
): Promise<WebServer> {
  const asked: Asked[] = [];
  let connections = 0;
  const listener: RequestListener = (request, response) => {
    readAsked(request).then(
      (each) => {
        asked.push(each);
        respond(response, answer(each));
      },
      // One that is killed leaves half a request.
      () => undefined,
    );
  };
  const server = tls ? createHttps(tls, listener) : createHttp(listener);
  server.on('connection', () => (connections += 1));
  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return {
    port,
    url: tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    asked,
    connections: () => connections,
    stop,
    start: async () => {
      await listen(port);
    },
    [Symbol.asyncDispose]: stop,
  };
}

async function readAsked(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://host');
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const);
  return {
    method: request.method ?? '',
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks),
  };
}

function respond(response: ServerResponse, answer: Answering): void {
  if (answer === 'never') return;
  if (answer === 'hang-up') {
    response.destroy();
    return;
  }
  response.writeHead(answer.status, answer.headers ?? {});
  response.end(answer.text);
}
