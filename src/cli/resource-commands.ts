import { resolve } from 'node:path'

import { Option, type Command as Commander } from 'commander'
import { z } from 'zod'

import { exitCodes, type Command, type CommandContext, type ExitCode } from '#cli/command.ts'
import { everydayWithVerbs } from '#cli/command-table.ts'
import { replayAndFollow } from '#cli/commands/replay.ts'
import { verifyArchiveCommand } from '#cli/commands/verify-archive.ts'
import { verifyAuditCommand } from '#cli/commands/verify-audit.ts'
import type { Door } from '#cli/door/door.ts'
import { followDelivery } from '#cli/follow-delivery.ts'
import { readRawBody } from '#cli/raw-body.ts'
import { answerViews, carriedOutBy } from '#cli/render/answer-views.ts'
import { renderData } from '#cli/render/data-view.ts'
import { renderWhoWorks } from '#cli/render/who-works.ts'
import { writeToOutput } from '#cli/write-rows.ts'
import { writeWithProgress } from '#cli/write-with-progress.ts'
import { MillraceError } from '#kernel/errors.ts'
import { fieldsOf, fromText, type Field } from '#operations/fields.ts'
import type { Operation, StreamOutput } from '#operations/operation.ts'
import { operations } from '#operations/registry.gen.ts'

/** `millrace <resource> <verb>` for every operation: path fields are arguments, the others options. */
export function addResources(
  program: Commander,
  called: string | undefined,
  bind: (command: Commander, run: Command['run']) => void,
): void {
  for (const [resource, members] of Map.groupBy(operations, resourceOf)) {
    const everyday = program.commands.find((command) => command.name() === resource)
    if (everyday && !everydayWithVerbs.has(resource)) continue
    // What stands behind a verb is the verb's, even where the everyday command has an option of that name.
    const group = everyday?.enablePositionalOptions() ?? newGroup(program, resource, members)
    if (resource !== called) continue
    for (const operation of members) {
      const command = group.command(verbOf(operation)).description(operation.summary)
      const fields = fieldsOf(operation)
      const places = fields.filter((field) => field.isArgument)
      for (const field of places) command.argument(`<${field.name}>`, field.description)
      const read = operation.rest.rawBody?.formatField
      for (const field of fields.filter(({ isArgument }) => !isArgument)) {
        // A file's name may say it.
        command.addOption(optionOf(field.name === read ? { ...field, required: false } : field))
      }
      if (operation.output === 'stream') command.option('--to <file>', toFile)
      if (followed[operation.name]) command.option('--detach', 'leave when it is queued')
      const own = ownRuns[operation.name]
      bind(
        command,
        own ?? ((context, args, options) => call(operation, fields, context, args, options)),
      )
    }
    for (const { name, summary, define, run } of machineVerbs[resource] ?? []) {
      const command = group.command(name).description(summary)
      define(command)
      bind(command, run)
    }
  }
}

/** Operations that the command line does not leave when they have answered. */
const ownRuns: Readonly<Record<string, Command['run']>> = { 'quarantine.replay': replayAndFollow }

/** Operations whose work the command line follows to its end, unless it is told to leave: --detach. */
const followed: Readonly<
  Record<string, (context: CommandContext, door: Door, answer: never) => Promise<ExitCode>>
> = { 'deliveries.create': followDelivery }

const TAR_ON_TERMINAL = 'an archive is nothing to read on a terminal; say where it goes: --to'

const toFile = 'write into this file, whole or not at all; default: the standard output'

/** Verbs that need no deployment, beside the operations of a resource. */
const machineVerbs: Readonly<
  Record<string, readonly (Command & { readonly name: string; readonly summary: string })[]>
> = {
  tenants: [
    {
      name: 'verify-archive',
      summary: 'Compare an archive of a tenant with its own hashes; needs no server',
      ...verifyArchiveCommand,
    },
  ],
  audit: [
    {
      name: 'verify-file',
      summary: 'Follow an exported log row by row; needs no server',
      ...verifyAuditCommand,
    },
  ],
}

function newGroup(program: Commander, resource: string, members: readonly Operation[]): Commander {
  return program
    .command(resource)
    .summary(members.map(verbOf).join(', '))
    .description(`Operations on ${resource}.`)
    .helpGroup('Everything else, by resource:')
}

function resourceOf(operation: Operation): string {
  return operation.name.split('.')[0] ?? operation.name
}

function verbOf(operation: Operation): string {
  return operation.name.split('.')[1] ?? operation.name
}

function optionOf(field: Field): Option {
  const flag = field.name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  const value = valueText(field)
  const option = new Option(`--${flag}${value}`, field.description)
  if (field.choices.length > 0) option.choices(field.choices)
  return field.required ? option.makeOptionMandatory() : option
}

/** What is on by itself can be turned off: `--complete false`. */
function valueText({ gathers, type, defaultValue }: Field): string {
  if (gathers !== null) return ' <name=value...>'
  return type === 'boolean' && defaultValue !== true
    ? ''
    : type === 'list'
      ? ' <values...>'
      : ' <value>'
}

async function call(
  operation: Operation,
  fields: readonly Field[],
  context: CommandContext,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const given: Record<string, string | readonly string[] | undefined> = {}
  const places = fields.filter((field) => field.isArgument)
  for (const [at, field] of places.entries()) given[field.name] = args[at]
  for (const field of fields) {
    const value = options[field.name]
    if (field.isArgument || value === undefined || field.gathers !== null) continue
    given[field.name] = Array.isArray(value) ? value.map(String) : `${value as string | boolean}`
  }
  const { rawBody } = operation.rest
  const body = rawBody && (await readRawBody(rawBody, String(given[rawBody.field]), given))
  if (rawBody) delete given[rawBody.field]
  const follow = followed[operation.name]
  const door = await context.door(follow ? { working: true } : {})
  for (const name of Object.keys(given)) {
    const path = given[name]
    if (typeof path === 'string' && isLocalFile(operation, name)) given[name] = resolve(path)
  }
  const input = { ...fromText(fields, given), ...gatheredOptions(fields, options), ...body }
  const answer: unknown = await door.invoke(operation, input)
  if (follow && options['detach'] !== true) return follow(context, door, answer as never)
  if (operation.output === 'stream') {
    const stream = answer as StreamOutput
    const { to } = options
    if (typeof to === 'string') await writeWithProgress(stream, to, context)
    else if (context.terminal.outIsTty && stream.contentType === 'application/x-tar') {
      await stream.close?.()
      throw new MillraceError('usage-invalid', { message: `${TAR_ON_TERMINAL} ${stream.fileName}` })
    } else await writeToOutput(stream, context.terminal.out)
  } else if (context.json) context.terminal.print([JSON.stringify(answer, null, 2)])
  else {
    const look = context.terminal.outLook()
    const render = answerViews[operation.name]
    context.terminal.print(
      render ? render(look, answer as never, context.clock.now()) : renderData(look, answer),
    )
    const part = carriedOutBy[operation.name]
    const place = { address: door.address, isShared: context.config.databaseUrl !== null }
    if (part) context.terminal.note(renderWhoWorks(context.terminal.errLook(), place, part))
  }
  return exitCodes.done
}

/** `--where company=eq.acme events=gt.10`: what stands before the first `=` is the name. */
function gatheredOptions(
  fields: readonly Field[],
  options: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const input: Record<string, unknown> = {}
  for (const { name, gathers } of fields) {
    const given = options[name]
    if (gathers === null || !Array.isArray(given)) continue
    const entries = new Map<string, string[]>()
    for (const text of given.map(String)) {
      const at = text.indexOf('=')
      if (at < 1) {
        throw new MillraceError('usage-invalid', { message: `--${name} ${text}: write name=value` })
      }
      const key = text.slice(0, at)
      entries.set(key, [...(entries.get(key) ?? []), text.slice(at + 1)])
    }
    const single = ([key, values]: [string, string[]]) => [
      key,
      values.length === 1 ? values[0] : values,
    ]
    input[name] = Object.fromEntries(Array.from(entries, single))
  }
  return input
}

/** A path on this machine, of wherever the command was called. */
function isLocalFile(operation: Operation, name: string): boolean {
  const field = operation.input.shape[name] as z.ZodType | undefined
  return field !== undefined && z.globalRegistry.get(field)?.['isLocalFile'] === true
}
