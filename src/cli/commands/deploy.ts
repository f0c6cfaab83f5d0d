import { packFolders, readPacks } from '#app/read-packs.ts'
import { packFolder, shippedFolders } from '#app/shipped-packs.ts'
import type { Command } from '#cli/command.ts'
import { exitCodes } from '#cli/command.ts'
import type { Door } from '#cli/door/door.ts'
import { paint } from '#cli/render/look.ts'
import type { CodeVersions, KnownCode } from '#definitions/code-versions.ts'
import { bundlePacks } from '#factory/code-bundle.ts'
import { createDeployment } from '#operations/deployments/create.ts'
import { knownTexts } from '#operations/deployments/known.ts'

export const deployCommand: Command = {
  define(command) {
    command
      .argument(
        '[folders...]',
        'folders of packs, or names of those that Millrace brings (traffic); default: those of MILLRACE_PACKS',
      )
      .option('--without-shipped', 'leave out the packs that Millrace brings')
      .option('-m, --message <text>', 'what changes, for `millrace deployments list`')
  },
  async run(context, args, options) {
    const { config, terminal, json } = context
    const given = args.map(packFolder)
    const folders = given.length > 0 ? [...shippedFolders(), ...given] : packFolders(config)
    const shipped = new Set(options['withoutShipped'] === true ? shippedFolders() : [])
    const door = await context.door({ deploys: false })
    const versions = askedVersions(door)
    const packs = await readPacks(
      folders.filter((folder) => !shipped.has(folder)),
      versions,
    )
    const bundle = new TextDecoder().decode(await bundlePacks(packs))
    const message = typeof options['message'] === 'string' ? options['message'] : ''
    const answer = await door.invoke(createDeployment, { bundle, message, texts: versions.fresh() })
    if (json) {
      terminal.print([JSON.stringify(answer, null, 2)])
      return exitCodes.done
    }
    const look = terminal.outLook()
    const { id, codeHash } = answer.deployment
    const names = packs.map(({ name, datasets, tasks, endpoints }) => {
      const functions = tasks.length > 0 ? `, ${tasks.length} tasks` : ''
      const queries = endpoints.length > 0 ? `, ${endpoints.length} endpoints` : ''
      return `${name} (${datasets.length} datasets${functions}${queries})`
    })
    const what = `${names.join(', ')} · ${codeHash.slice(0, 12)}`
    terminal.print([
      answer.changed
        ? `${paint(look, 'good', '✓')} deployment ${id}: ${what}`
        : `${paint(look, 'faint', '=')} nothing changed since deployment ${id}: ${what}`,
    ])
    return exitCodes.done
  },
}

/** The server's memory of texts, so that a text that it knows keeps its code version. */
function askedVersions(door: Door): CodeVersions & {
  fresh(): { textSha256: string; codeVersion: string; reads: string[] }[]
} {
  const fresh = new Map<string, KnownCode>()
  return {
    async get(textSha256) {
      const own = fresh.get(textSha256)
      if (own) return own
      const { known } = await door.invoke(knownTexts, { texts: [textSha256] })
      return known[0] ?? null
    },
    put: async (textSha256, code) => void fresh.set(textSha256, code),
    fresh: () =>
      [...fresh].map(([textSha256, { codeVersion, reads }]) => ({
        textSha256,
        codeVersion,
        reads: [...reads],
      })),
  }
}
