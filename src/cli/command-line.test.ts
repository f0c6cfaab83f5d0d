import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import { parseConfig } from '#app/config.ts'
import { runCommandLine } from '#cli/command-line.ts'
import { systemClock } from '#kernel/clock.ts'
import { captureTerminal } from '../../test/support/capture-terminal.ts'
import { openServer, type TestServer } from '../../test/support/open-server.ts'

let server: TestServer
let environment: Record<string, string>
let location: string

const header = 'id,timestamp,email,country,ip,uri,action,tags'
const row = (number: number, day: string, email: string) =>
  `d24173d9-b062-49a7-a856-74c89dcab4${String(number).padStart(2, '0')},${day},${email},Palau,192.66.235.59,index,visit,"['a', 'b']"`

before(async () => {
  server = await openServer()
  const url = await server.app.listen({ host: '127.0.0.1', port: 0 })
  const key = await server.key(server.tenants.alpha, ['read', 'run', 'operator'])
  environment = { MILLRACE_HOME: server.home, MILLRACE_URL: url, MILLRACE_KEY: key }
  const folder = join(server.home, 'in', '2021', '04')
  await mkdir(folder, { recursive: true })
  const rows = [
    row(1, '2021-03-31', 'debbie@miller.info'),
    row(2, '2021-04-01 10:00:00', 'a@shop.co.uk'),
    row(3, '2021-04-02', 'b@shop.co.uk'),
    row(4, 'never', 'c@shop.co.uk'),
  ]
  await writeFile(join(folder, 'events.csv'), `${[header, ...rows].join('\n')}\n`)
  location = join(server.home, 'in', '{yyyy}', '{MM}', 'events.csv')
})
after(() => server.close())

async function millrace(args: readonly string[], also: { env?: object; tty?: boolean } = {}) {
  const terminal = captureTerminal(also.tty)
  const config = parseConfig({ ...environment, ...also.env })
  const code = await runCommandLine(args, { config, terminal, clock: systemClock })
  return { code, ...terminal.written }
}

test('a month goes in, answers come out, and every step can be asked about', async () => {
  const run = await millrace(['run', 'events', '--month', '2021-04', '--location', location])
  assert.equal(run.code, 0, run.out + run.err)
  assert.match(run.out, /events +2021-04 +\d+ B +4 {2}= +3 {2}\+ +0 {2}\+ +1/)
  assert.match(run.out, /held back: 1 timestamp-unreadable/)
  assert.match(run.out, /✓ done in/)
  assert.match(run.err, /✓ top_companies/)

  const csv = await millrace(['show', 'top_companies', '--month', '2021-04'])
  assert.equal(csv.out, 'rank,company,events,users,tied\n1,shop.co.uk,2,2,1\n')
  const table = await millrace(['show', 'top_companies', '-m', '2021-04'], { tty: true })
  assert.match(
    table.out,
    /^ {2}rank {2}company +events {2}users {2}tied\n +1 {2}shop.co.uk +2 +2 +1\n {2}1 row · /,
  )
  const first = await millrace(['show', 'events', '--format', 'table', '--limit', '1'])
  assert.match(first.out, /first 1 of 3 rows · all of them with --format csv/)
  const out = join(server.home, 'rows.ndjson')
  const toFile = await millrace(['show', 'events', '--month', '2021-04', '--out', out])
  assert.deepEqual([toFile.code, toFile.out], [0, ''])
  assert.equal((await readFile(out, 'utf8')).trim().split('\n').length, 3)
  const partly = await millrace(['show', 'top_companies', '--month', '2021-04..2021-05'])
  assert.match(partly.err, /1 of 2 partitions are published/)

  const held = await millrace(['quarantine', 'events', '--month', '2021-04', '--json'])
  const { rows } = JSON.parse(held.out) as {
    rows: { line: number; reason: string; value: string }[]
  }
  assert.deepEqual(
    rows.map(({ line, reason, value }) => ({ line, reason, value })),
    [{ line: 5, reason: 'timestamp-unreadable', value: 'never' }],
  )

  const again = await millrace(['run', 'events', '--month', '2021-04'])
  assert.match(again.out, /everything is fresh: nothing to do/)
  const rerun = await millrace(['rerun', 'top_companies', '--month', '2021-04'])
  assert.equal(rerun.code, 0, rerun.out)
  const runs = await millrace(['runs', '--json'])
  const listed = (JSON.parse(runs.out) as { runs: { id: string; title: string }[] }).runs
  assert.deepEqual(
    listed.map(({ title }) => title),
    ['rerun top_companies --month 2021-04', 'run events --month 2021-04'],
  )
  const detail = await millrace(['runs', listed[0]?.id.slice(-6) ?? ''])
  assert.match(detail.out, /✓ done in/)
  const tasks = await millrace(['runs', 'tasks', 'last', '--json'])
  const [task] = (JSON.parse(tasks.out) as { tasks: { id: number }[] }).tasks
  const logs = await millrace(['logs', String(task?.id)])
  assert.match(logs.out, /top_companies 2021-04, done[\s\S]*attempt 1 · done/)
  const undo = await millrace(['undo', listed[1]?.id ?? ''])
  assert.match(undo.out, /events_by_day[\s\S]*not served any more/)
  const status = await millrace(['status', 'events'])
  assert.match(status.out, /events +2021-04 +· +1 missing/)
  const doctor = await millrace(['doctor'])
  assert.equal(doctor.code, 0, doctor.out)
  assert.match(doctor.out, /✓ engine/)
})

test('a file that is not there fails the run with exit code 3 and says where it looked', async () => {
  const run = await millrace(['run', 'events', '--month', '2019-01', '--location', location])
  assert.equal(run.code, 3)
  assert.match(run.out, /✗ events 2019-01 failed: .*2019\/01\/events\.csv does not exist/)
  assert.match(run.out, /millrace logs \d+/)
})

test('Ctrl-C cancels the run and waits; the next run finishes the work', async () => {
  for (let month = 1; month <= 12; month++) {
    const folder = join(server.home, 'year', '2020', String(month).padStart(2, '0'))
    await mkdir(folder, { recursive: true })
    const day = `2020-${String(month).padStart(2, '0')}-15`
    await writeFile(join(folder, 'events.csv'), `${header}\n${row(month, day, 'a@shop.co.uk')}\n`)
  }
  const year = join(server.home, 'year', '{yyyy}', '{MM}', 'events.csv')
  const args = ['run', 'events', '--month', '2020-01..2020-12', '--location', year]
  const terminal = captureTerminal(true)
  let interrupted = false
  terminal.err.on('data', () => {
    if (interrupted || !terminal.written.err.includes('tasks ·')) return
    interrupted = true
    terminal.interrupt()
  })
  const config = parseConfig(environment)
  const code = await runCommandLine(args, { config, terminal, clock: systemClock })
  assert.equal(code, 130)
  assert.match(terminal.written.err, /cancelling: waiting until everything is consistent/)
  assert.match(terminal.written.out, /! cancelled; run it again to resume/)
  const { parts, tenants } = server
  const [status] = await parts.factory.status(tenants.alpha, ['events'])
  const states = new Set(status?.partitions.map(({ state }) => state))
  assert.ok(!states.has('failed') && !states.has('held'), [...states].join(', '))

  const again = await millrace(['run', 'events', '--month', '2020-01..2020-12'])
  assert.equal(again.code, 0, again.out)
  const months = await millrace(['show', 'events_by_month', '--month', '2020-01..2020-12'])
  assert.equal(months.out.trim().split('\n').length, 13)
})

test('usage is told with exit code 2, on the error stream or as JSON', async () => {
  for (const args of [
    ['nonsense'],
    ['show'],
    ['show', 'a', 'b'],
    ['run', 'events', '--surprise'],
    ['run', 'events', '--month', 'April'],
    ['run', 'events', '--month', '2021-04', '--partition', '2021-04'],
    ['run', '--location', 'x'],
    ['show', 'events', '--format', 'xml'],
    ['show', 'nope'],
    ['plan', 'nope'],
  ]) {
    const plain = await millrace(args)
    assert.equal(plain.code, 2, args.join(' '))
    assert.equal(plain.out, '', args.join(' '))
    assert.match(plain.err, /^✗ [\s\S]*\n {2}→ /, args.join(' '))
    const json = await millrace([...args, '--json'])
    assert.equal(json.code, 2)
    assert.ok((JSON.parse(json.out) as { error: { code: string } }).error.code)
    assert.equal(json.err, '')
  }
})

test('help names every command and every resource, and ends well', async () => {
  const overview = await millrace(['--help'])
  assert.equal(overview.code, 0)
  for (const word of ['run', 'quarantine', 'serve', 'datasets', 'tenants', 'Exit codes']) {
    assert.match(overview.out, new RegExp(word))
  }
  const one = await millrace(['help', 'show'])
  assert.match(one.out, /--format/)
  const verb = await millrace(['keys', 'create', '--help'])
  assert.match(verb.out, /--permissions/)
})

test('a server that does not answer is exit code 4 and names the address', async () => {
  const run = await millrace(['status'], { env: { MILLRACE_URL: 'http://127.0.0.1:9' } })
  assert.equal(run.code, 4)
  assert.match(run.err, /http:\/\/127\.0\.0\.1:9 does not answer/)
})

test('settings are listed with secrets masked', async () => {
  const { out } = await millrace(['config'])
  assert.match(out, /MILLRACE_KEY +••••••••/)
  assert.ok(!out.includes(environment['MILLRACE_KEY'] ?? 'missing'))
})
