import { expect, test } from 'vitest'

import { exampleIn, languages } from '~/screens/endpoint/examples.ts'

const question = {
  url: 'https://millrace.example',
  endpoint: 'top',
  parameters: { month: '2021-04', who: 'a "quoted" \\ name' },
  curl: 'curl …',
  cli: 'millrace …',
}

test('values with quotes stay values in every language', () => {
  const quoted = JSON.stringify(question.parameters.who)
  for (const language of ['javascript', 'python', 'graphql'] as const) {
    expect(exampleIn(language, question)).toContain(quoted)
  }
})

test('no example holds a key', () => {
  for (const language of languages) expect(exampleIn(language, question)).not.toMatch(/mk_/)
})
