// SPDX-License-Identifier: BSL-1.0
// A server for tests, on a free port of 127.0.0.1, which it prints. Argument: milliseconds that idle connections are kept.
//   /headers         the head of the request as JSON: method, url, headers in order and as spelled
//   /sum             size and SHA-256 of the body of the request, and how it was framed, as JSON
//   /echo            the body of the request, piece by piece
//   /chunks/N        N chunks of different sizes: the bytes of pattern(), with trailers
//   /hints           103 Early Hints twice, 102, then an answer
//   /slow/N          N lines, 20 ms apart
//   /stall           half of a body, then nothing
//   /cut, /cut-chunks   half of a body, then the end of the connection
//   /refuse          413 at once, without reading the body; the connection is closed
//   /coded/NAME      a text in that Content-Encoding: gzip, deflate, br, or gzip,br
//   /cookies/...     cookies that came; with a query, cookies that it sets: /cookies/set?a=1&b=2
//   /login           sets cookies and redirects to /cookies/
//   /events          Server-Sent Events 1 to 9, three on each connection; 204 after the last
//   /leave           an answer that promises to keep the connection, which ends soon after
//   /connections     how many connections there have been
'use strict';
const http = require('http');
const zlib = require('zlib');
const crypto = require('crypto');

let connections = 0;

const pattern = (size) => {
    const bytes = Buffer.alloc(size);
    for (let i = 0; i < size; ++i) bytes[i] = (i * 31 + (i >> 8)) & 255;
    return bytes;
};

const json = (res, value) => {
    res.setHeader('Content-Type', 'application/json');
    res.end(JSON.stringify(value));
};

const text = 'the quick brown fox jumps over the lazy dog\n'.repeat(500);
const coders = {
    gzip: zlib.gzipSync,
    deflate: zlib.deflateSync,
    br: zlib.brotliCompressSync,
    'gzip,br': (bytes) => zlib.brotliCompressSync(zlib.gzipSync(bytes)),
};

const routes = {
    headers: (req, res) => json(res, { method: req.method, url: req.url, headers: req.rawHeaders }),

    sum: (req, res) => {
        const hash = crypto.createHash('sha256');
        let size = 0;
        req.on('data', (piece) => {
            hash.update(piece);
            size += piece.length;
        });
        req.on('end', () => json(res, {
            size,
            sha256: hash.digest('hex'),
            length: req.headers['content-length'] || '',
            coding: req.headers['transfer-encoding'] || '',
            type: req.headers['content-type'] || '',
        }));
    },

    echo: (req, res) => req.pipe(res),

    chunks: (req, res, count) => {
        res.setHeader('Trailer', 'X-Size, X-Sha256');
        let size = 0;
        for (let i = 0; i < Number(count); ++i) size += (i * 997) % 20011;
        const bytes = pattern(size);
        for (let i = 0, at = 0; i < Number(count); ++i) {
            const length = (i * 997) % 20011;
            if (length > 0) res.write(bytes.subarray(at, at + length));
            at += length;
        }
        res.addTrailers({ 'X-Size': String(size), 'X-Sha256': crypto.createHash('sha256').update(bytes).digest('hex') });
        res.end();
    },

    hints: (req, res) => {
        res.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' });
        res.writeEarlyHints({ link: '</script.js>; rel=preload; as=script' });
        res.writeProcessing();
        setTimeout(() => res.end('after the hints'), 20);
    },

    slow: (req, res, count) => {
        let line = 0;
        const timer = setInterval(() => {
            res.write(`line ${++line}\n`);
            if (line === Number(count)) {
                clearInterval(timer);
                res.end();
            }
        }, 20);
        res.on('close', () => clearInterval(timer));
    },

    stall: (req, res) => {
        res.setHeader('Content-Length', '1000');
        res.write('x'.repeat(500));
    },

    cut: (req, res) => {
        res.setHeader('Content-Length', '1000');
        res.write('x'.repeat(500), () => res.socket.end());
    },

    'cut-chunks': (req, res) => {
        res.write('x'.repeat(500), () => res.socket.end());
    },

    refuse: (req, res) => {
        res.writeHead(413, { Connection: 'close' });
        res.end('too much');
    },

    coded: (req, res, name) => {
        res.setHeader('Content-Encoding', name.replace(',', ', '));
        res.end(coders[name](Buffer.from(text)));
    },

    cookies: (req, res) => {
        const query = new URL(req.url, 'http://localhost').searchParams;
        const set = [];
        for (const [name, value] of query) set.push(`${name}=${value}; Path=/`);
        if (set.length > 0) res.setHeader('Set-Cookie', set);
        res.end(req.headers.cookie || '');
    },

    login: (req, res) => {
        res.writeHead(303, {
            Location: '/cookies/',
            'Set-Cookie': [
                'session=s3cret; Path=/; HttpOnly; SameSite=Lax',
                'gone=x; Max-Age=0',
                'deep=y; Path=/login/deep',
                'date=z; Path=/; Expires=Wed, 21 Oct 2037 07:28:00 GMT',
                'foreign=f; Domain=example.com; Path=/',
                'secure=s; Secure; Path=/',
            ],
        });
        res.end();
    },

    events: (req, res) => {
        let id = Number(req.headers['last-event-id'] || 0);
        if (id >= 9) return res.writeHead(204).end();
        res.writeHead(200, { 'Content-Type': 'text/event-stream' });
        res.write(': welcome\nretry: 10\n\n');
        for (let i = 0; i < 3; ++i) {
            ++id;
            res.write(`id: ${id}\nevent: count\ndata: number ${id}\r\ndata: grüße ${id}\n\n`);
        }
        res.end('data: an event without its end');
    },

    leave: (req, res) => {
        res.setHeader('Connection', 'keep-alive');
        res.on('finish', () => setTimeout(() => req.socket.end(), 20));
        res.end('bye');
    },

    connections: (req, res) => res.end(String(connections)),
};

const server = http.createServer((req, res) => {
    const [, name, rest] = req.url.split(/[/?]/);
    const route = routes[name];
    if (!route) return res.writeHead(404).end('no such place');
    route(req, res, decodeURIComponent(rest || ''));
});
server.keepAliveTimeout = Number(process.argv[2]);
server.on('connection', (socket) => {
    const number = ++connections;
    socket.on('finish', () => console.log(`connection ${number} has ended`));
});
server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
