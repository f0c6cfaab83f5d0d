import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, describe, test } from 'node:test'

const root = join(import.meta.dirname, '..', '..')

/** Says what it was started with, waits when asked to, and ends as asked. */
const commandLine = `
const [verb, code]: string[] = process.argv.slice(2)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => { console.log(signal); process.exit(130) })
}
console.log(JSON.stringify({ node: process.versions.node, args: process.argv.slice(2) }))
if (verb === 'exit') process.exitCode = Number(code)
if (verb === 'wait') setTimeout(() => {}, 60_000)
if (verb === 'die') process.kill(process.pid, 'SIGKILL')
`

/** The machine's own Node, when it is too old to run Millrace itself. */
function findOldNode(): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => join(folder, 'node'))
    .filter((node) => existsSync(node))
    .find((node) => /^v(20|22)\./.test(spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout))
}

const oldNode = findOldNode()
const nodes: readonly (readonly [string, string | undefined])[] = [
  ['on a new Node, in one process', process.execPath],
  ['on an old Node, through the Node that npm brought', oldNode],
]

for (const [name, node] of nodes) {
  const skip = node === undefined ? 'no Node 20 or 22 on PATH' : false
  describe(`bin/millrace.js ${name}`, { skip, timeout: 60_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-launcher-'))
    const launcher = join(folder, 'bin', 'millrace.js')
    mkdirSync(join(folder, 'src', 'cli'), { recursive: true })
    cpSync(join(root, 'bin'), join(folder, 'bin'), { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(folder, 'src', 'cli', 'main.ts'), commandLine)
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir')
    after(() => rmSync(folder, { recursive: true, force: true }))

    const launch = (...args: string[]) =>
      spawnSync(node ?? '', [launcher, ...args], { encoding: 'utf8' })

    test('hands on the arguments and the exit code, and prints nothing of its own', () => {
      const { status, stdout, stderr } = launch('exit', '4', '--flag', 'two words')
      assert.equal(stderr, '')
      const said = JSON.parse(stdout) as { node: string; args: string[] }
      assert.deepEqual(said.args, ['exit', '4', '--flag', 'two words'])
      assert.ok(Number.parseInt(said.node, 10) >= 24, said.node)
      assert.equal(status, 4)
    })

    test('ends by the signal that ended the command', () => {
      assert.equal(launch('die').signal, 'SIGKILL')
    })

    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      test(`hands on ${signal} and waits for the end`, async () => {
        const child = spawn(node ?? '', [launcher, 'wait'], {
          stdio: ['ignore', 'pipe', 'inherit'],
        })
        let output = ''
        child.stdout.on('data', (chunk: Buffer) => {
          output += chunk.toString()
          if (output.includes('"wait"')) child.kill(signal)
          output = output.replace('"wait"', '')
        })
        const [code] = (await once(child, 'close')) as [number | null]
        assert.equal(code, 130)
        assert.match(output, new RegExp(`${signal}\n$`))
      })
    }
  })
}
