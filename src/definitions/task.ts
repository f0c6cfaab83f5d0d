import { z } from 'zod'

import { parseDeclaration } from '#definitions/declaration-schema.ts'
import { definitionError } from '#definitions/definition-error.ts'
import { bundleModule } from '#definitions/pack-modules.ts'
import { hasParse } from '#definitions/task-declaration.ts'
import { taskSchema } from '#definitions/task-schema.ts'
import { sha256 } from '#kernel/hash.ts'
import type { TaskDefinition } from '#model/task-definition.ts'

const namePattern = /^[a-z][a-z0-9]*([._-][a-z0-9]+)*$/

/** A module of `tasks/`: its declaration is read here, its `run` is called in a task child only. */
export async function readTask(file: {
  readonly pack: string
  readonly name: string
  readonly file: string
  readonly path: string
}): Promise<TaskDefinition> {
  if (!namePattern.test(file.name) || file.name.length > 100) {
    throw definitionError(
      file,
      `"${file.name}" cannot name a task`,
      'Names are lower-case letters and digits, with single ".", "_" or "-" between them.',
    )
  }
  const { code, declaration } = await bundleModule(file.path, file.file)
  const declared = parseDeclaration(taskSchema, declaration, file.file, 'defineTask({ … })')
  const retry = declared.retry ?? null
  return {
    name: file.name,
    pack: file.pack,
    description: declared.description,
    file: file.file,
    codeVersion: sha256(code),
    code,
    payloadSchema: toPayloadSchema(declared.payload, file.file),
    tags: [...new Set(declared.tags)].toSorted(),
    ...(declared.timeout !== undefined && { timeoutMs: declared.timeout }),
    ...(retry !== null && { retry }),
  }
}

/** JSON Schema of the payload, with objects closed; null where only the module itself can tell. */
function toPayloadSchema(payload: unknown, file: string): TaskDefinition['payloadSchema'] {
  if (payload === undefined) return null
  let schema: Record<string, unknown>
  try {
    if (hasParse(payload)) {
      if (!('_zod' in payload)) return null
      const options = { io: 'input', unrepresentable: 'any' } as const
      schema = z.toJSONSchema(payload as unknown as z.ZodType, options)
    } else {
      schema = JSON.parse(JSON.stringify(payload)) as Record<string, unknown>
    }
    const closed = close(schema) as Record<string, unknown>
    z.fromJSONSchema(closed)
    return closed
  } catch (error) {
    throw definitionError(
      { file },
      `payload: ${error instanceof Error ? error.message : String(error)}`,
      'Write a zod schema, or JSON Schema as plain data: { type: "object", properties: { … } }.',
      { cause: error },
    )
  }
}

function close(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(close)
  if (typeof schema !== 'object' || schema === null) return schema
  const inner = Object.entries(schema).map(([key, value]) => [
    key,
    key === 'enum' || key === 'const' || key === 'default' ? value : close(value),
  ])
  const closed = Object.fromEntries(inner) as Record<string, unknown>
  // Parts of an allOf are open: together they name the keys.
  if ('properties' in closed && closed['type'] === 'object' && !('allOf' in closed)) {
    closed['additionalProperties'] ??= false
  }
  return closed
}
