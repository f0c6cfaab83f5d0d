import type { JsonSchema } from '#operations/openapi/json-schema.ts'
import type { OperationItem, Parameter } from '#operations/openapi/openapi-types.ts'
import { html, prose, type Html } from '#server/docs-text.ts'

export interface DocumentedOperation {
  readonly path: string
  readonly method: string
  readonly item: OperationItem
}

/** Everything about one operation: what it takes, what it answers, how it is called three ways. */
export function operationSection(
  operation: DocumentedOperation,
  { base, publicUrl }: { readonly base: string; readonly publicUrl: string },
): Html {
  const { path, method, item } = operation
  const fields = fieldsOf(item)
  const codes = item['x-codes'] ?? []
  return html`<section class="operation" id="${anchorOf(item)}">
    <h2><a href="#${anchorOf(item)}">${prose(item.summary)}</a></h2>
    <p class="route">
      <span class="method ${method.toLowerCase()}">${method}</span> <code>${path}</code>
    </p>
    <p class="about">${prose(item.description ?? '')}</p>
    ${fields.length > 0 && fieldTable(fields)} ${answerOf(item)}
    <div class="examples">
      ${examplesOf(operation, publicUrl).map(
        ([name, text]) =>
          html`<figure>
            <figcaption>${name} <button type="button" class="copy" hidden>Copy</button></figcaption>
            <pre tabindex="0"><code>${text}</code></pre>
          </figure>`,
      )}
    </div>
    ${
      codes.length > 0 &&
      html`<p class="codes">
        Problems of its own:
        ${codes.map(
          (code) => html`<a href="${base}/docs/errors#${code}"><code>${code}</code></a> `,
        )}
      </p>`
    }
  </section>`
}

export function anchorOf({ operationId }: OperationItem): string {
  return operationId.split('.').at(-1) ?? operationId
}

interface FieldRow {
  readonly name: string
  readonly place: string
  readonly type: string
  readonly required: boolean
  readonly description: string
  readonly initial: unknown
}

function fieldsOf({
  parameters = [],
  requestBody,
  'x-body-field': bodyField,
}: OperationItem): FieldRow[] {
  const own = parameters.flatMap((parameter): FieldRow[] =>
    '$ref' in parameter ? [] : [parameterRow(parameter)],
  )
  const media = requestBody?.content['application/json']?.schema ?? {}
  if (requestBody && bodyField !== undefined) {
    const { description = '', required: isNeeded, content } = requestBody
    const type = Object.keys(content).join(' | ')
    return [
      ...own,
      { name: bodyField, place: 'body', type, required: isNeeded, description, initial: undefined },
    ]
  }
  const { properties = {}, required = [] } = media.anyOf?.[0] ?? media
  const body = Object.entries(properties).map(([name, schema]) => ({
    name,
    place: 'body',
    type: typeText(schema),
    required: required.includes(name),
    description: schema.description ?? '',
    initial: schema.default,
  }))
  return [...own, ...body]
}

function parameterRow(parameter: Parameter): FieldRow {
  const { name, required = false, description = '', schema, content } = parameter
  const inner = schema ?? content?.['application/json']?.schema ?? {}
  return {
    name,
    place: parameter.in,
    type: typeText(inner),
    required,
    description,
    initial: inner.default,
  }
}

function fieldTable(fields: readonly FieldRow[]): Html {
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th>Field</th>
          <th>Type</th>
          <th>What it says</th>
        </tr>
      </thead>
      <tbody>
        ${fields.map(
          ({ name, place, type, required, description, initial }) =>
            html`<tr>
              <td>
                <code>${name}</code
                ><span class="place">${place}${required && html` <b>required</b>`}</span>
              </td>
              <td class="type">${type}</td>
              <td>
                ${prose(description)}${initial !== undefined && html` <span class="initial">Default <code>${JSON.stringify(initial)}</code>.</span>`}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

function answerOf({ responses }: OperationItem): Html | null {
  const success = responses['200'] ?? responses['303']
  if (!success || '$ref' in success) return null
  const { content } = success
  if (!content) return html`<p class="answer">${success.description}</p>`
  const json = content['application/json']?.schema
  const types = Object.keys(content).filter((type) => type !== '*/*')
  const isRows = types.length > 1 || !json
  if (isRows) {
    return html`<p class="answer">
      Answers rows or
      bytes${types.length > 0 && html`: ${types.map((type) => html`<code>${type}</code> `)}`}
    </p>`
  }
  return html`<details class="answer">
    <summary>Answers <code>${shapeOf(json)}</code></summary>
    <pre tabindex="0"><code>${outline(json, '')}</code></pre>
  </details>`
}

function shapeOf(schema: JsonSchema): string {
  const { properties } = schema.anyOf?.[0] ?? schema
  return properties ? `{ ${Object.keys(properties).join(', ')} }` : typeText(schema)
}

/** A schema as one would write an example of it. */
function outline(schema: JsonSchema, indent: string): string {
  const options = (schema.anyOf ?? schema.oneOf)?.filter(({ type }) => type !== 'null')
  if (options) return options.map((option) => outline(option, indent)).join('\n  or ')
  if (schema.items) return `[${outline(schema.items, indent)}]`
  const fields = Object.entries(schema.properties ?? {})
  if (fields.length === 0) return typeText(schema)
  const inner = `${indent}  `
  const lines = fields.map(([name, value]) => `${inner}${name}: ${outline(value, inner)}`)
  return `{\n${lines.join('\n')}\n${indent}}`
}

function typeText(schema: JsonSchema): string {
  if (schema.enum) return schema.enum.map(String).join(' | ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  const options = schema.anyOf ?? schema.oneOf
  if (options) return [...new Set(options.map(typeText))].join(' | ')
  if (schema.items) return `list of ${typeText(schema.items)}`
  if (schema.format === 'date-time') return 'time'
  if (typeof schema.type === 'object') return schema.type.join(' | ')
  return schema.type === 'string' ? 'text' : (schema.type ?? 'JSON')
}

/** The same call with curl, the SDK and the command line. */
function examplesOf({ path, method, item }: DocumentedOperation, publicUrl: string) {
  const { body, query, all, url } = exampleFields(path, item)
  const address = `${publicUrl}${url}${query === '' ? '' : `?${query}`}`
  const curl = [
    `curl ${method === 'GET' ? '' : `-X ${method} `}'${address}'`,
    ...(item['x-permission'] === 'anyone' ? [] : [`-H "Authorization: Bearer $MILLRACE_KEY"`]),
    ...(body === null ? [] : [`-H 'Content-Type: application/json'`, `-d '${body}'`]),
  ].join(' \\\n  ')
  const [resource = '', verb = ''] = item.operationId.split('.').map(camel)
  const input = Object.keys(all).length > 0 ? spelled(all) : ''
  const sdk = `await client.${resource}.${verb}(${input})`
  const isCall = item.responses['303'] === undefined
  return [
    ['curl', curl],
    ...(isCall ? [['SDK', sdk]] : []),
    ...(item['x-command'] === undefined ? [] : [['CLI', item['x-command']]]),
  ] as const
}

function exampleFields(path: string, item: OperationItem) {
  const all: Record<string, unknown> = {}
  const query = new URLSearchParams()
  let url = path
  for (const parameter of item.parameters ?? []) {
    if ('$ref' in parameter || parameter.example === undefined) continue
    const { name, example } = parameter
    all[name] = example
    if (parameter.in === 'path') url = url.replace(`{${name}}`, encodeURIComponent(shown(example)))
    else query.append(name, shown(example))
  }
  const sample = item.requestBody?.content['application/json']?.example
  const bodyField = item['x-body-field']
  Object.assign(all, bodyField === undefined ? sample : { [bodyField]: sample })
  return {
    all,
    url,
    query: query.toString(),
    body: sample === undefined ? null : JSON.stringify(sample),
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** An object as TypeScript writes it. */
function spelled(value: object): string {
  return JSON.stringify(value)
    .replace(/"([A-Za-z_]\w*)":/g, ' $1: ')
    .replace(/"([^"\\']*)"/g, "'$1'")
    .replace(/,(?=[ '])/g, ', ')
    .replace(/, {2}/g, ', ')
    .replace(/\}/g, ' }')
}

function camel(name: string): string {
  return name.replace(/-(\w)/g, (_whole, letter: string) => letter.toUpperCase())
}
