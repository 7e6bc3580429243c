// SPDX-License-Identifier: BSL-1.0
// The other side of the WebSocket tests, by Node's ws; its arguments are those of websocket_peer.py.
const fs = require('fs');
const http = require('http');
const https = require('https');
const { WebSocket, WebSocketServer } = (() => {
    try {
        return require('ws');
    } catch {
        return require('/usr/share/nodejs/ws'); // where Debian has it
    }
})();

// As in websocket_test.cpp.
function message(i) {
    const size = ((i * 7919) % 300) * (i % 1000 === 999 ? 200 : 1);
    if (i % 2) return Buffer.from(Array.from({ length: size }, (_, k) => (i + k * 31) & 255));
    return i + ':' + 'é€x'.repeat(size);
}

function serve(deflate, certificate, key) {
    const web = certificate
        ? https.createServer({ cert: fs.readFileSync(certificate), key: fs.readFileSync(key) })
        : http.createServer();
    const sockets = new WebSocketServer({
        server: web,
        perMessageDeflate: deflate && { threshold: 0 },
        handleProtocols: (offered) => offered.has('brio.v1') && 'brio.v1',
    });
    sockets.on('connection', (socket) => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })));
    web.listen(0, '127.0.0.1', () => console.log(web.address().port));
}

function fail(why) {
    console.error(why);
    process.exit(1);
}

function call(deflate, url, count, authority) {
    const socket = new WebSocket(url, ['brio.v1'], {
        ca: authority && fs.readFileSync(authority),
        perMessageDeflate: deflate && { threshold: 0 },
    });
    let next = 0;
    socket.on('open', () => {
        if (socket.protocol !== 'brio.v1') fail('protocol ' + socket.protocol);
        if (socket.extensions !== (deflate ? 'permessage-deflate' : '')) fail('extensions ' + socket.extensions);
        for (let i = 0; i < count; ++i) socket.send(message(i));
    });
    socket.on('message', (data, isBinary) => {
        const wanted = message(next);
        if (isBinary !== Buffer.isBuffer(wanted) || !data.equals(Buffer.from(wanted))) fail(`message ${next} differs`);
        if (++next === count) socket.ping('last');
    });
    socket.on('pong', (data) => {
        if (data.toString() !== 'last') fail('pong ' + data);
        socket.close(4321, 'enough');
    });
    socket.on('close', (code) => {
        if (next !== count || code !== 4321) fail(`closed with ${code} after ${next} messages`);
        console.log('all compared');
    });
    socket.on('error', (error) => fail(error));
}

const [mode, packing, ...rest] = process.argv.slice(2);
const deflate = packing === 'DEFLATE';
if (mode === 'server') serve(deflate, ...rest);
else call(deflate, rest[0], Number(rest[1]), rest[2]);
