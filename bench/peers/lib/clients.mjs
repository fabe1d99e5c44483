// What the drivers in Node.js share: where the database is, the body of a
// message, and clients that begin together.
//
// One process of Node.js uses one core, so the clients are spread over as
// many processes as there are cores, as its users do. The clock runs from the
// moment when all are connected until the last call returns.

import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

// The packages lie in a folder of their own, not above this file.
export function load(dir, name) {
  return createRequire(join(dir, 'package.json'))(name)
}

// The options of node-postgres for a DSN of libpq.
export function connection(dsn) {
  const names = { host: 'host', port: 'port', dbname: 'database', user: 'user' }
  const options = {}

  for (const [, key, value] of dsn.matchAll(/(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|\S*)/g)) {
    if (names[key]) {
      options[names[key]] = value.startsWith("'")
        ? value.slice(1, -1).replace(/\\(.)/g, '$1')
        : value
    }
  }
  options.port = Number(options.port ?? 5432)
  return options
}

// A payload that is so many bytes when written as JSON.
export function payload(bytes) {
  const frame = JSON.stringify({ body: '' }).length
  let text = ''

  if (bytes <= frame) {
    throw new Error(`no body of less than ${frame + 1} bytes here`)
  }
  for (let i = 0; text.length < bytes - frame; i++) {
    text += createHash('md5').update(String(i)).digest('hex')
  }
  return { body: text.slice(0, bytes - frame) }
}

// In the parent: runs this program again, with the same arguments, in some
// processes that have the clients among them, and adds up what they report.
async function lead(clients) {
  const count = Math.min(clients, availableParallelism())
  const children = []
  const total = { calls: 0, messages: 0, seconds: 0 }

  for (let i = 0; i < count; i++) {
    const share = Math.floor(clients / count) + (i < clients % count ? 1 : 0)
    children.push(fork(process.argv[1], process.argv.slice(2), {
      env: { ...process.env, BENCH_SHARE: String(share) }
    }))
  }
  const answers = () => Promise.all(children.map((child) => new Promise((resolve, reject) => {
    child.once('message', resolve)
    child.once('exit', () => reject(new Error('a client has ended early')))
  })))

  try {
    await answers()
    const done = answers()
    children.forEach((child) => child.send('go'))
    for (const part of await done) {
      total.calls += part.calls
      total.messages += part.messages
      total.seconds = Math.max(total.seconds, part.seconds)
    }
    await Promise.all(children.map((child) => new Promise((resolve) => {
      if (child.exitCode !== null) resolve()
      child.once('exit', resolve)
      child.send('end')
    })))
  } finally {
    children.forEach((child) => child.kill('SIGKILL'))
  }
  return total
}

// In a child: connects, waits for the word, works, and reports.
async function follow(connect) {
  const word = () => new Promise((resolve) => process.once('message', resolve))
  let go = word()

  process.once('disconnect', () => process.exit(1))
  const { work, close } = await connect(Number(process.env.BENCH_SHARE))
  process.send('ready')
  await go
  const tally = { calls: 0, messages: 0, seconds: 0 }
  const start = performance.now()
  const seconds = () => (performance.now() - start) / 1000
  const count = (messages, calls = 1) => {
    tally.calls += calls
    tally.messages += messages
    tally.seconds = seconds()
  }

  await work(count, seconds)
  go = word()
  process.send(tally)
  await go
  await close()
  process.exit(0)
}

// Runs so many clients and prints what they did. connect(share) makes the
// clients of one process and returns two functions: work(count, seconds) ends
// in time, and calls count with the messages of each call that has returned,
// which is also when the clock is read; close() disconnects.
export async function run(clients, note, connect) {
  if (process.env.BENCH_SHARE) {
    return follow(connect)
  }
  const total = await lead(clients)
  total.seconds = Math.round(total.seconds * 1000) / 1000
  console.log(JSON.stringify({ ...total, note }))
}
