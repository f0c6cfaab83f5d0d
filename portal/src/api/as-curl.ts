import { operations } from '#sdk/operations.gen.ts'
import type { OperationName } from '~/api/client.ts'
import { home } from '~/api/place.ts'

/** The same call for a terminal; the key stands in a variable, never in the text. */
export function asCurl(operation: OperationName, input: object, tenant: string | null): string {
  const info = infoOf(operation)
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined))
  const path = info.path.slice(1).replace(/\{(\w+)\}/g, (_whole, name: string) => {
    const value = encodeURIComponent(String(rest.get(name)))
    rest.delete(name)
    return value
  })
  const lines = ['-H "Authorization: Bearer $MILLRACE_KEY"']
  if (tenant !== null) lines.push(`-H ${quoted(`Millrace-Tenant: ${tenant}`)}`)
  const query = new URLSearchParams()
  if (info.method === 'GET') {
    for (const [name, value] of rest) {
      const prefix = info.gathers?.[name]
      if (prefix !== undefined && typeof value === 'object' && value !== null) {
        for (const [inner, said] of Object.entries(value)) {
          // One column may have several conditions.
          for (const one of [said].flat()) query.append(prefix + inner, String(one))
        }
      } else
        for (const one of Array.isArray(value) ? value : [value]) query.append(name, textOf(one))
    }
  } else {
    lines.push(`-X ${info.method}`)
    if (rest.size > 0) {
      lines.push("-H 'Content-Type: application/json'")
      lines.push(`-d ${quoted(JSON.stringify(Object.fromEntries(rest), plainly))}`)
    }
  }
  const address = `${home}${path}${query.size > 0 ? `?${query.toString()}` : ''}`
  return [`curl ${quoted(address)}`, ...lines].join(' \\\n  ')
}

function infoOf(operation: OperationName) {
  const [resource = '', verb = ''] = operation.split('.')
  const info = operations[resource]?.[verb]
  if (info === undefined) throw new Error(`there is no operation ${operation}`)
  return info
}

const textOf = (value: unknown) =>
  typeof value === 'string' ? value : String(JSON.stringify(value, plainly))

const plainly = (_name: string, value: unknown) =>
  typeof value === 'bigint' ? value.toString() : value

/** For a POSIX shell: nothing inside has a meaning. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
