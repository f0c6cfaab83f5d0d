import { secretOptions } from '#connectors/registry.ts'
import { targetSecrets } from '#targets/target-options.ts'

/** Fields of stored objects whose values are sealed. */
export const secretNames: readonly string[] = [...new Set([...secretOptions, ...targetSecrets])]
