import { expect, test } from 'vitest'

import { problemsOf } from '~/screens/endpoint/problems.ts'

test('codes and their texts are read from what the responses say', () => {
  const document = {
    paths: {
      '/v1/endpoints/top/rows': {
        get: {
          responses: {
            '200': { description: 'The rows.' },
            '400': { $ref: '#/components/responses/BadRequest' },
          },
        },
      },
    },
    components: { responses: { BadRequest: { description: '- `a-b`: {path}: no\n- `c`: yes' } } },
  }
  expect(problemsOf(document, 'top')).toEqual([
    { status: '200', codes: [], text: 'The rows.' },
    {
      status: '400',
      codes: [
        { code: 'a-b', text: '{path}: no' },
        { code: 'c', text: 'yes' },
      ],
      text: '',
    },
  ])
  expect(problemsOf(document, 'other')).toEqual([])
})
