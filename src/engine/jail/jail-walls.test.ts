import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { jailCommand, makePlaces } from '#engine/jail/jailed-child.ts'

/** Programs that do by themselves what SQL would have to break out of the engine for. */
const breakouts: readonly (readonly [name: string, program: (outside: string) => string])[] = [
  ['reads a file of the system', () => 'cat /etc/passwd'],
  ['reads a file of the server', (outside) => `cat ${outside}/theirs.txt`],
  ['follows a link out of its files', () => 'cat /jail/in/link.txt'],
  ['writes to its files', () => 'echo x > /jail/in/own.txt'],
  ['removes its files', () => 'rm -f /jail/in/own.txt'],
  ['writes to the programs', () => 'echo x > /usr/bin/x'],
  ['writes a large file', () => 'head -c 3000000 /dev/zero > /jail/out/big'],
  ['speaks to the network', () => 'grep -v -e Inter -e face -e "lo:" /proc/net/dev'],
  ['sees other processes', () => `test -d /proc/${process.pid}`],
  ['mounts', () => 'mount -t tmpfs x /jail/out'],
  ['becomes root', () => 'setpriv --reuid=0 --clear-groups true'],
  ['finds the former root', () => 'ls /.old | grep .'],
  ['reads the memory of others', () => 'cat /proc/2/environ /proc/kcore'],
]

test('whatever breaks out of the engine finds walls', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-walls-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const outside = join(folder, 'outside')
  const places = await makePlaces(join(folder, 'jail'))
  await makePlaces(outside)
  await writeFile(join(outside, 'theirs.txt'), 'theirs')
  await writeFile(join(places.inFolder, 'own.txt'), 'mine')
  await symlink(join(outside, 'theirs.txt'), join(places.inFolder, 'link.txt'))
  const { args, env } = jailCommand(places, 1_000_000, ['/usr'])
  const run = (program: string) =>
    spawnSync('unshare', [...args, '/bin/sh', '-c', program], { env, encoding: 'utf8' })

  const allowed = run('cat /jail/in/own.txt && echo answer > /jail/out/answer')
  if (allowed.status !== 0) return t.skip(`there is no jail on this machine: ${allowed.stderr}`)
  assert.equal(allowed.stdout, 'mine')
  assert.ok((await readdir(places.outFolder)).includes('answer'))
  for (const [name, program] of breakouts) {
    const { status, stdout } = run(program(outside))
    assert.notEqual(status, 0, `${name}: ${stdout}`)
    assert.doesNotMatch(stdout, /theirs|root:/, name)
  }
})
