import { describe, expect, it } from 'vitest'

import { problemsOf } from '~/screens/home/problems.ts'

describe('open problems', () => {
  it('are listed worst first, one line for one thing', () => {
    const problems = problemsOf({
      datasets: [
        { dataset: 'a', states: { failed: 2, stale: 1, fresh: 9 } },
        { dataset: 'b', states: { held: 1, fresh: 3 } },
      ],
      quarantine: [
        { dataset: 's', quarantined: 4 },
        { dataset: 's', quarantined: 3 },
        { dataset: 't', quarantined: 0 },
      ],
      sources: [{ dataset: 's', freshness: { state: 'breached', newest: '2021-04' } }],
      reports: [
        { report: 'weekly', runs: [{ state: 'failed', detail: 'no mail server' }] },
        { report: 'daily', runs: [{ state: 'sent', detail: '' }] },
      ],
    })
    expect(problems.map(({ kind, name, count }) => `${kind} ${name} ${count}`)).toEqual([
      'failed a 2',
      'report weekly 1',
      'old s 1',
      'held b 1',
      'quarantine s 7',
      'stale a 1',
    ])
  })
})
