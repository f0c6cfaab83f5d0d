import { defineReference } from 'millrace'

export default defineReference({
  description:
    'Under which names anybody can register a domain: the ICANN section of the Public Suffix List.',
  location: './reference/public_suffixes.csv',
  columns: {
    rule: {
      type: 'text',
      description: 'com, co.uk, *.ck (any name under ck) or !www.ck (but not this one)',
    },
  },
  derived: {
    suffix: { type: 'text', sql: `regexp_replace(rule, '^(\\*\\.|!)', '')` },
    labels: {
      type: 'integer',
      description:
        'labels of the public suffix that the rule makes: 2 for co.uk and *.ck, 1 for !www.ck',
      sql: `len(string_split(rule, '.')) - CAST(starts_with(rule, '!') AS BIGINT)`,
    },
    is_exception: { type: 'boolean', sql: `starts_with(rule, '!')` },
  },
  checks: ['rules_once: unique rule'],
})
