// Drives Graphile Worker: fills its queue by its own client, and lets its own
// runner work it off.
//
// usage: drive.mjs prepare|cleanup DIR DSN
//        drive.mjs load DIR DSN N BODY
//        drive.mjs run DIR DSN work CLIENTS BATCH SECONDS BODY

import { EventEmitter } from 'node:events'
import { setTimeout } from 'node:timers/promises'

import { connection, load, payload, run } from '../clients.mjs'

const TASK = 'bench'
const CHUNK = 16 * 1024 * 1024 // bytes of a statement that loads, about

const [verb, dir, dsn, ...rest] = process.argv.slice(2)
const { Logger, makeWorkerUtils, run: startRunner } = load(dir, 'graphile-worker')
const { Pool } = load(dir, 'pg')

// Says what went wrong, and nothing else.
const logger = new Logger(() => (level, message) => {
  if (level === 'error') console.error(message)
})

function makePool(size) {
  const pool = new Pool({ ...connection(dsn), max: size })

  pool.on('error', (error) => console.error(error))
  pool.on('connect', (client) => client.on('error', (error) => console.error(error)))
  return pool
}

async function withUtils(use) {
  const pgPool = makePool(1)
  const utils = await makeWorkerUtils({ pgPool, logger })

  await use(utils)
  await utils.release()
  await pgPool.end()
}

async function fill(n, bytes) {
  const job = { identifier: TASK, payload: payload(bytes) }
  const most = Math.max(1, Math.min(1000, Math.floor(CHUNK / bytes)))

  await withUtils(async (utils) => {
    for (let at = 0; at < n; at += most) {
      await utils.addJobs(Array(Math.min(most, n - at)).fill(job))
    }
  })
}

// Workers that share a pool of connections, as in one instance of Graphile
// Worker. If asked for batches, the instance fetches so many for each worker
// at once and lets jobs that are done wait for each other; else each worker
// fetches and completes one by one.
function batching(share, batch) {
  return batch === 1
    ? {}
    : { localQueue: { size: share * batch }, completeJobBatchDelay: 0, failJobBatchDelay: 0 }
}

async function measure(clients, batch, limit) {
  const note = batch === 1
    ? 'a call is a job, fetched and completed'
    : `a call is a job; localQueue of ${batch} a worker, completeJobBatchDelay 0`

  await run(clients, note, async (share) => {
    const pgPool = makePool(share + 1)
    const events = new EventEmitter()
    let dry

    // Connected before the clock runs.
    const ready = await Promise.all(Array.from({ length: share + 1 }, () => pgPool.connect()))
    ready.forEach((client) => client.release())
    const empty = new Promise((resolve) => { dry = resolve })

    // Either a worker looks for itself, or all wait for the local queue.
    events.on('worker:getJob:empty', () => dry())
    events.on('localQueue:getJobs:complete', ({ jobs }) => { if (jobs.length === 0) dry() })
    return {
      work: async (count, seconds) => {
        events.on('job:complete', ({ error }) => {
          if (error) throw error
          count(1)
        })
        const runner = await startRunner({
          pgPool,
          logger,
          events,
          concurrency: share,
          noHandleSignals: true,
          taskList: { [TASK]: (data) => { if (!data.body) throw new Error('no payload') } },
          preset: { worker: batching(share, batch) }
        })

        await Promise.race([empty, setTimeout(limit * 1000), runner.promise])
        await runner.stop()
        // A job is told complete before the server knows it. The clock runs
        // until the last of them is.
        while (pgPool.waitingCount > 0 || pgPool.idleCount < pgPool.totalCount) {
          if (seconds() > limit + 5) throw new Error('jobs in hand are not completed')
          await setTimeout(1)
        }
        count(0, 0)
      },
      close: () => pgPool.end()
    }
  })
}

if (verb === 'prepare') {
  await withUtils((utils) => utils.migrate())
} else if (verb === 'load') {
  await fill(...rest.map(Number))
} else if (verb === 'run') {
  await measure(...rest.slice(1).map(Number))
}
