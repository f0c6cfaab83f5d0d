import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '..', '..')
const run = promisify(execFile)
const skip =
  process.env['MILLRACE_TEST_PACKAGE'] === '1'
    ? false
    : 'installs the packed tarball from the registry; set MILLRACE_TEST_PACKAGE=1'

/** The environment of someone who has only the machine's own Node and npm. */
function newcomersEnvironment(): NodeJS.ProcessEnv {
  const ours =
    /^(npm_(lifecycle|package|command|execpath|node_execpath|config_(local_)?prefix)|NODE_|MILLRACE_|DATABASE_URL$|INIT_CWD$)/
  const kept = Object.entries(process.env).filter(([name]) => !ours.test(name))
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const PATH = folders.filter((folder) => !folder.includes('node_modules')).join(delimiter)
  return { ...Object.fromEntries(kept), PATH }
}

describe('the packed tarball, installed into an empty folder', { skip, timeout: 280_000 }, () => {
  const env = newcomersEnvironment()
  let folder = ''

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-package-'))
    await run(process.execPath, [join(root, 'tools', 'build-package.ts')], { cwd: root })
    const built = join(root, 'build', 'package')
    const pack = await run('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: built,
      env,
    })
    const [{ filename }] = JSON.parse(pack.stdout) as [{ filename: string }]
    await writeFile(join(folder, 'package.json'), '{ "private": true }\n')
    const sdk = await run('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: join(root, 'build', 'sdk'),
      env,
    })
    const [{ filename: sdkName }] = JSON.parse(sdk.stdout) as [{ filename: string }]
    const tarballs = [join(folder, filename), join(folder, sdkName)]
    await run('npm', ['install', '--no-audit', '--no-fund', ...tarballs], { cwd: folder, env })
  })

  after(() => rm(folder, { recursive: true, force: true }))

  test('npx millrace --version prints the version', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
      version: string
    }
    const { stdout } = await run('npx', ['--no-install', 'millrace', '--version'], {
      cwd: folder,
      env,
    })
    assert.match(stdout, new RegExp(`(^|\\s)${version.replaceAll('.', '\\.')}\\s*$`))
  })

  test('the demo serves and stops when asked', async (t) => {
    const bin = join(folder, 'node_modules', 'millrace', 'bin', 'millrace.js')
    const child = spawn('node', [bin, 'serve', '--demo', '--port', '0'], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    t.after(() => child.kill('SIGKILL'))
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
    let output = ''
    const address = await new Promise<string>((resolve, reject) => {
      const read = (chunk: Buffer) => {
        output += chunk.toString()
        const found = /https?:\/\/[\w.:[\]]+:\d+/.exec(output)
        if (found !== null) resolve(found[0])
      }
      child.stdout.on('data', read)
      child.stderr.on('data', read)
      child.on('exit', () => reject(new Error(`the demo ended before it served:\n${output}`)))
    })
    const portal = await (await fetch(`${address}/t/demo/home`)).text()
    const [, bundle = ''] = /<script type="module"[^>]* src="\.\/([^"]+)"/.exec(portal) ?? []
    assert.equal((await fetch(`${address}/${bundle}`)).status, 200, portal.slice(0, 500))
    const response = await fetch(`${address}/readyz`)
    assert.equal(response.status, 200, output)

    const script = `
      import { createClient, MillraceError } from '@millrace/sdk'
      const client = createClient({ url: process.argv[1], key: 'mk_none', retries: 0 })
      const { openapi, paths } = await client.openapi.show()
      const problem = await client.datasets.list().catch((error) => error)
      console.log(openapi, '/v1/runs' in paths, problem instanceof MillraceError, problem.code)`
    const client = await run('node', ['--input-type=module', '--eval', script, address], {
      cwd: folder,
      env,
    })
    assert.equal(client.stdout.trim(), '3.1.0 true true unauthenticated')

    child.kill('SIGTERM')
    const [code] = await ended
    assert.ok(code === 0 || code === 130 || code === 143, `exit code ${code}:\n${output}`)
  })
})
