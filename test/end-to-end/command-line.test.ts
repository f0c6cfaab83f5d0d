import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { writeTwin } from '../../packs/events/samples/twin.ts'
import { afterwards } from '../support/afterwards.ts'
import { commandLineOn } from '../support/command-line.ts'
import { buildFolder } from '../support/open-parts.ts'
import { eventFiles, truthOfFiles } from './compare-with-truth.ts'

const months = ['2021-03', '2021-04', '2021-05']

interface RunAnswer {
  readonly run: { readonly id: string; readonly state: string }
  readonly sources: readonly { received: number; accepted: number; quarantined: number }[]
  readonly datasets: readonly { dataset: string; counts: Record<string, number> }[]
}

test('the command line, alone with its home', async (t) => {
  const folder = await buildFolder(t, 'millrace-cli')
  const [march] = (await writeTwin(folder, { seed: 3, months, rowsPerMonth: 600 })).months
  const millrace = commandLineOn(join(folder, 'home'))
  const truth = await truthOfFiles(eventFiles(folder, months))

  await t.test('run publishes a month and adds up what came in', async () => {
    const location = `--location '${folder}/{yyyy}/{MM}/events.csv'`
    const answer = await millrace.json<RunAnswer>(`run events --month 2021-03 ${location}`)
    assert.equal(answer.run.state, 'done')
    const [source] = answer.sources
    assert.equal(source?.received, march?.received)
    assert.equal(source?.accepted, march?.accepted)
    assert.equal(source?.quarantined, march?.quarantined)
  })

  await t.test('show streams the published rows as CSV', async () => {
    const { code, out } = await millrace.run('show top_users --month 2021-03 --format csv')
    assert.equal(code, 0)
    const [header, ...lines] = out.trim().split('\n')
    const rows = truth.datasets.get('top_users')?.get('2021-03') ?? []
    assert.equal(header, 'rank,email,events,tied')
    assert.equal(lines.length, rows.length)
    assert.equal(lines[0], Object.values(rows[0] ?? {}).join())
  })

  await t.test('show writes a file in any format', async () => {
    const path = join(folder, 'users.parquet')
    const { code } = await millrace.run(
      `show top_users --month 2021-03 --format parquet --out ${path}`,
    )
    assert.equal(code, 0)
    assert.equal(readFileSync(path).subarray(0, 4).toString(), 'PAR1')
  })

  await t.test('exit codes tell scripts what happened', async () => {
    const codes: [string, number][] = [
      ['plan events --month 2021-03', 0],
      ['show no_such_dataset', 2],
      ['run events --month 2021-13', 2],
      ['run events --month 2019-01', 3],
    ]
    for (const [args, code] of codes) {
      const { code: found, out, err } = await millrace.run(args)
      assert.equal(found, code, `millrace ${args}: ${out}${err}`)
      assert.doesNotMatch(out + err, /\n\s+at /, `millrace ${args} shows a stack`)
    }
  })

  await t.test(
    'Ctrl-C in the middle of a run leaves it consistent, the next run goes on',
    async () => {
      const run = millrace.start('run events --month 2021-03..2021-05')
      // Its plan is there, and the first of its files is read: a busy machine may tell that too late.
      await run.says(/tasks · about|✓ events /)
      run.child.kill('SIGINT')
      const { code, out, err } = await run.ended
      assert.equal(code, 130, out + err)
      const answer = await millrace.json<RunAnswer | { run: null }>(
        'run events --month 2021-03..2021-05',
      )
      assert.ok(answer.run === null || answer.run.state === 'done')
      const { runs } = await millrace.json<{ runs: { state: string }[] }>('runs')
      assert.ok(runs.every(({ state }) => state !== 'running'))
      const shown = await millrace.run('show events_by_month --month 2021-05 --format csv')
      const [row] = truth.datasets.get('events_by_month')?.get('2021-05') ?? []
      assert.equal(shown.out.trim().split('\n')[1], Object.values(row ?? {}).join())
    },
  )
})

test('the command line, as the client of a running server', async (t) => {
  const folder = await buildFolder(t, 'millrace-cli')
  const home = join(folder, 'home')
  await writeTwin(folder, { seed: 4, months, rowsPerMonth: 600 })
  const millrace = commandLineOn(home)
  const server = millrace.start('serve --port 0')
  afterwards(t, async () => {
    server.child.kill('SIGKILL')
    await server.ended
  })
  const [address] = await server.says(/http:\/\/127\.0\.0\.1:\d+/)

  await t.test('a second server is refused, and names the pid of the first', async () => {
    const { code, err, out } = await millrace.run('serve --port 0')
    assert.equal(code, 4)
    assert.match(out + err, new RegExp(`\\b${server.child.pid}\\b`))
  })

  await t.test('everyday commands work through it', async () => {
    const location = `--location '${folder}/{yyyy}/{MM}/events.csv'`
    const answer = await millrace.json<RunAnswer>(`run events --month 2021-03..2021-05 ${location}`)
    assert.equal(answer.run.state, 'done')
    const plan = await millrace.json<{ tasks: unknown[] }>('plan events --month 2021-03')
    assert.deepEqual(plan.tasks, [])
    const status = await millrace.json<{ datasets: { dataset: string }[] }>('status')
    assert.ok(status.datasets.some(({ dataset }) => dataset === 'top_companies'))
    const held = await millrace.json<{ quarantined: number }>('quarantine events --month 2021-03')
    assert.ok(held.quarantined > 0)
    const logs = await millrace.json<{ attempts: { state: string }[] }>('logs 1')
    assert.equal(logs.attempts[0]?.state, 'done')
    const { checks } = await millrace.json<{ checks: { name: string; state: string }[] }>('doctor')
    assert.deepEqual(
      checks.filter(({ state }) => state === 'problem'),
      [],
    )
  })

  await t.test('rerun runs that part alone, undo puts back what was served', async () => {
    const answer = await millrace.json<RunAnswer>('rerun top_companies --month 2021-04')
    assert.deepEqual(
      answer.datasets.map(({ dataset }) => dataset),
      ['top_companies'],
    )
    const undone = await millrace.json<{ restored: { dataset: string; partition: string }[] }>(
      `undo ${answer.run.id}`,
    )
    assert.deepEqual(
      undone.restored.map(({ dataset, partition }) => `${dataset} ${partition}`),
      ['top_companies 2021-04'],
    )
    const { runs } = await millrace.json<{ runs: { id: string; undoneAt: string | null }[] }>(
      'runs',
    )
    assert.notEqual(runs.find(({ id }) => id === answer.run.id)?.undoneAt, null)
  })

  await t.test('rows are not given to who has no key', async () => {
    const response = await fetch(`${address}/v1/datasets/top_users/rows?partition=2021-03`)
    assert.equal(response.status, 401)
    assert.doesNotMatch(await response.text(), /@/)
  })

  await t.test('a signal ends it, and the lock is free', async () => {
    server.child.kill('SIGTERM')
    const { code } = await server.ended
    assert.ok(code === 0 || code === 130, `it ended with ${code}`)
    assert.ok(existsSync(home))
    const { datasets } = await millrace.json<{ datasets: unknown[] }>('status')
    assert.ok(datasets.length > 0)
  })
})
