// The mail server of the local stack, and of the tests: it takes every letter, delivers none, and
// shows them in the browser. Arguments are maildev's own.
'use strict'

const http = require('node:http')

// Letters hold links that reset passwords. maildev would let pages of any site read them; here only
// its own page may, at an address of this machine.
const isOurs = ({ headers: { host = '', origin } }) =>
  /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host) &&
  (origin === undefined || origin === `http://${host}`)

const createServer = http.createServer
http.createServer = (app) => {
  const server = createServer((request, response) =>
    isOurs(request) ? app(request, response) : response.writeHead(403).end())
  server.prependListener('upgrade', (request, socket) => isOurs(request) || socket.destroy())
  return server
}

require('maildev')().listen()
