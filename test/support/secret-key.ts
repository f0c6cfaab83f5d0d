import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The key of all deployments of the tests, in a file of this folder: processes that share a catalog share it. */
export async function testSecretKeyFile(folder: string): Promise<string> {
  const file = join(folder, 'test-secret.key')
  await writeFile(file, 'WmMXtU2lA2m0oVgYqR7ZbV0yK8u5n1mC3eT4pH6sQ9w=\n', { mode: 0o600 })
  return file
}
