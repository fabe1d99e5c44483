// Drives pg-boss by its own class.
//
// usage: drive.mjs prepare|cleanup DIR DSN
//        drive.mjs load DIR DSN N BODY
//        drive.mjs run DIR DSN send|work CLIENTS BATCH SECONDS BODY

import { connection, load, payload, run } from '../clients.mjs'

const QUEUE = 'bench'
const CHUNK = 16 * 1024 * 1024 // bytes of a statement that loads, about

const [verb, dir, dsn, ...rest] = process.argv.slice(2)
const PgBoss = load(dir, 'pg-boss')

// All as pg-boss has it by default, maintenance included, but for the size of
// the pool: a connection for each client, and one for the maintenance.
async function start(clients) {
  const boss = new PgBoss({ ...connection(dsn), max: clients + 1 })

  boss.on('error', (error) => {
    console.error(error)
    process.exit(1)
  })
  await boss.start()
  return boss
}

async function stop(boss) {
  await boss.stop({ graceful: false, wait: true })
}

async function fill(n, bytes) {
  const boss = await start(1)
  const data = payload(bytes)
  const most = Math.max(1, Math.min(1000, Math.floor(CHUNK / bytes)))

  for (let at = 0; at < n; at += most) {
    await boss.insert(Array(Math.min(most, n - at)).fill({ name: QUEUE, data }))
  }
  await stop(boss)
}

// One sender: a job by send(), several by insert().
async function sender(boss, batch, data, count, on) {
  const jobs = Array(batch).fill({ name: QUEUE, data })

  while (on()) {
    if (batch === 1) {
      await boss.send(QUEUE, data)
    } else {
      await boss.insert(jobs)
    }
    count(batch)
  }
}

// One consumer. fetch() answers an error with no jobs, too: the size of the
// queue tells.
async function consumer(boss, batch, data, count, on) {
  while (on()) {
    const jobs = await boss.fetch(QUEUE, { batchSize: batch })

    if (jobs.length > 0) {
      await boss.complete(QUEUE, jobs.map((job) => job.id))
      count(jobs.length)
    } else if (await boss.getQueueSize(QUEUE) === 0) {
      break
    }
  }
}

async function measure(op, clients, batch, limit, bytes) {
  const client = op === 'send' ? sender : consumer
  const note = op === 'send'
    ? (batch === 1 ? 'send()' : 'insert()')
    : 'a call is a fetch() and a complete()'

  await run(clients, note, async (share) => {
    const boss = await start(share)
    const data = payload(bytes)

    return {
      work: (count, seconds) => Promise.all(Array.from({ length: share }, () =>
        client(boss, batch, data, count, () => seconds() < limit))),
      close: () => stop(boss)
    }
  })
}

if (verb === 'prepare') {
  const boss = await start(1)
  await boss.createQueue(QUEUE)
  await stop(boss)
} else if (verb === 'load') {
  await fill(...rest.map(Number))
} else if (verb === 'run') {
  await measure(rest[0], ...rest.slice(1).map(Number))
}
