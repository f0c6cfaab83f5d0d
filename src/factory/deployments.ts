import {
  addDeployment,
  currentDeployment,
  deploymentById,
  type Deployment,
  type PackSummary,
} from '#catalog/deployments.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { takeEndpointVersions } from '#catalog/endpoint-versions.ts'
import { readBundle } from '#factory/code-bundle.ts'
import type { CodeShelf } from '#factory/code-shelf.ts'
import { MillraceError } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'
import type { Lake } from '#lake/lake.ts'
import type { Pack } from '#model/definition.ts'

export interface WhyDeployed {
  readonly message: string
  /** Who asks: `key mk_…`, `local`. */
  readonly by: string
  /** Only where nothing is deployed yet. */
  readonly onlyFirst?: boolean
}

/** Changes of what is deployed; every process that shares the catalog follows within seconds. */
export interface Deployments {
  /** Stores a bundle and makes it current. `changed` is false when it was current already. */
  deploy(
    bundle: Uint8Array,
    why: WhyDeployed,
  ): Promise<{ readonly deployment: Deployment; readonly changed: boolean }>
  /** Makes the code of an earlier deployment current again. Throws `deployment-unknown`. */
  rollback(
    id: number,
    by: string,
  ): Promise<{ readonly deployment: Deployment; readonly changed: boolean }>
  /** What a deployed code holds. Throws `code-unreadable`. */
  packsOf(codeHash: string): Promise<readonly Pack[]>
}

export function openDeployments(parts: {
  readonly catalog: Catalog
  readonly lake: Pick<Lake, 'writeCode'>
  readonly shelf: CodeShelf
  /** How long an endpoint is answered after another code, or none, has taken its place. */
  readonly endpointKeepMs: number
  /** Called after each change, before the answer: whoever deployed finds it in use. */
  onChange(): Promise<void>
}): Deployments {
  const { catalog, lake, shelf, endpointKeepMs } = parts

  async function activate(codeHash: string, packs: readonly PackSummary[], why: WhyDeployed) {
    // Whatever becomes current can be loaded: this is the proof.
    const { endpoints } = await shelf.load(codeHash)
    const entry = { codeHash, packs, message: why.message, deployedBy: why.by }
    const { deployment, changed } = await catalog.asSystem(async (session) => {
      const id = await addDeployment(session, entry, why.onlyFirst)
      if (id !== null) await takeEndpointVersions(session, id, endpoints, endpointKeepMs)
      const current = await currentDeployment(session)
      return { deployment: current as Deployment, changed: id !== null }
    })
    await parts.onChange()
    return { deployment, changed }
  }

  return {
    packsOf: async (codeHash) => (await shelf.load(codeHash)).packs,
    async deploy(bundle, why) {
      const { packs } = readBundle(bundle)
      const codeHash = sha256(bundle)
      await lake.writeCode(codeHash, bundle)
      const summary = packs.map((pack) => ({
        name: pack.name,
        datasets: pack.datasets.length,
        tasks: pack.tasks.length,
        endpoints: pack.endpoints.length,
      }))
      return activate(codeHash, summary, why)
    },
    async rollback(id, by) {
      const former = await catalog.asSystem((session) => deploymentById(session, id))
      if (!former) throw new MillraceError('deployment-unknown', { deployment: id })
      return activate(former.codeHash, former.packs, { message: `rollback to ${id}`, by })
    },
  }
}
