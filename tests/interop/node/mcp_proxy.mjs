// A proxy that adds a token to each request, for a suite that has none to send.
import { createServer, request } from "node:http";

/** Starts it on a free port of loopback; gives its address. */
export async function startProxy(target, token) {
  const upstream = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const { port } = server.address();
    const headers = { ...incoming.headers, authorization: `Bearer ${token}` };
    // Its own name becomes the server's, as in any reverse proxy. A foreign one stays: the
    // server has to refuse that itself.
    for (const name of ["host", "origin"]) {
      headers[name] = headers[name]?.replace(new RegExp(`^(http://)?127\\.0\\.0\\.1:${port}$`), `$1${upstream.host}`);
      if (headers[name] === undefined) delete headers[name];
    }
    const { method, url: path } = incoming;
    const sent = request({ host: upstream.hostname, port: upstream.port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    sent.on("error", () => outgoing.destroy());
    outgoing.on("close", () => sent.destroy());
    incoming.pipe(sent);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${server.address().port}${upstream.pathname}`;
}
