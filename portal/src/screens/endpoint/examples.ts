/** The same question from other hands. The key stands in a variable, never in a text. */
export interface Question {
  readonly url: string
  readonly endpoint: string
  readonly parameters: Readonly<Record<string, string>>
  readonly curl: string
  readonly cli: string
}

export const languages = ['curl', 'javascript', 'python', 'graphql', 'cli'] as const
export type Language = (typeof languages)[number]

export function exampleIn(language: Language, question: Question): string {
  const { url, endpoint, parameters } = question
  switch (language) {
    case 'curl':
      return question.curl
    case 'cli':
      return question.cli
    case 'javascript':
      return [
        "import { createClient } from 'millrace/sdk'",
        '',
        'const client = createClient({',
        `  url: ${JSON.stringify(url)},`,
        '  key: process.env.MILLRACE_KEY,',
        '})',
        `const rows = await client.endpoints.rows(${JSON.stringify(endpoint)}, {`,
        `  parameters: ${objectText(parameters)},`,
        '})',
        'for await (const row of rows) console.log(row)',
      ].join('\n')
    case 'python':
      return [
        'import json, os, urllib.parse, urllib.request',
        '',
        `url = ${JSON.stringify(`${url}/v1/endpoints/${endpoint}/rows`)}`,
        `query = urllib.parse.urlencode(${dictText(parameters)})`,
        'request = urllib.request.Request(',
        '    f"{url}?{query}",',
        '    headers={"Authorization": f"Bearer {os.environ[\'MILLRACE_KEY\']}"},',
        ')',
        'with urllib.request.urlopen(request) as response:',
        '    print(response.headers["Millrace-Receipt"])',
        '    for row in json.load(response)["rows"]:',
        '        print(row)',
      ].join('\n')
    case 'graphql':
      return [
        '{',
        '  endpointRows(',
        `    endpoint: ${JSON.stringify(endpoint)}`,
        `    parameters: [${graphValues(parameters)}]`,
        '    first: 100',
        '  ) {',
        '    ... on Rows {',
        '      rows',
        '      receipt',
        '      completeness { expected published }',
        '      pageInfo { hasNextPage endCursor }',
        '    }',
        '    ... on DeliveryAccepted { delivery location }',
        '  }',
        '}',
      ].join('\n')
  }
}

const objectText = (values: Question['parameters']) =>
  Object.keys(values).length === 0
    ? '{}'
    : `{ ${Object.entries(values)
        .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
        .join(', ')} }`

const dictText = (values: Question['parameters']) =>
  `{${Object.entries(values)
    .map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`)
    .join(', ')}}`

const graphValues = (values: Question['parameters']) =>
  Object.entries(values)
    .map(([name, value]) => `{ name: ${JSON.stringify(name)}, value: ${JSON.stringify(value)} }`)
    .join(', ')
