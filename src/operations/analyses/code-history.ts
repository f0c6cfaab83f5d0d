import { listDeployments, type Deployment } from '#catalog/deployments.ts'
import { toMillraceError } from '#kernel/errors.ts'
import type { Parts } from '#operations/parts.ts'

/** A code that an analysis has had, with the deployment that brought it first. */
export interface FormerCode {
  readonly codeVersion: string
  readonly text: string
  readonly deployment: Deployment
}

/** The codes of an analysis in the newest `most` deployments, the one that was deployed last first. */
export async function codeHistory(
  { directory, deployments }: Pick<Parts, 'directory' | 'deployments'>,
  analysis: string,
  most: number,
): Promise<FormerCode[]> {
  const listed = await directory.asSystem((session) => listDeployments(session, most))
  const texts = new Map<string, Promise<readonly [string, string] | null>>()
  const found = new Map<string, FormerCode>()
  for (const deployment of listed) {
    const { codeHash } = deployment
    const loading = texts.get(codeHash) ?? codeIn(deployments, codeHash, analysis)
    texts.set(codeHash, loading)
    const code = await loading
    if (!code) continue
    const [codeVersion, text] = code
    // The newest words for it, and the oldest deployment that brought it.
    found.set(codeVersion, {
      codeVersion,
      text: found.get(codeVersion)?.text ?? text,
      deployment,
    })
  }
  return [...found.values()]
}

/** Null: it has no such analysis, or its bundle is not kept any more. */
async function codeIn(
  deployments: Parts['deployments'],
  codeHash: string,
  analysis: string,
): Promise<readonly [string, string] | null> {
  try {
    const packs = await deployments.packsOf(codeHash)
    const own = packs.flatMap(({ datasets }) => datasets).find(({ name }) => name === analysis)
    return own?.kind === 'analysis' ? [own.codeVersion, own.text] : null
  } catch (thrown) {
    if (toMillraceError(thrown).code !== 'code-unreadable') throw thrown
    return null
  }
}
