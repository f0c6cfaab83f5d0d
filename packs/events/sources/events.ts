import { defineSource } from 'millrace'

export default defineSource({
  description: 'What people did, as the monthly files tell it: one row for each event.',
  format: 'csv',
  partition: 'month',
  columns: {
    id: { type: 'text', description: 'UUID of the event, as written' },
    timestamp: {
      type: 'timestamp',
      role: 'time',
      optional: false,
      description: 'when it happened, in UTC; a date alone is its midnight',
    },
    email: { type: 'text', pii: true, subject: true, description: 'who did it, as written' },
    country: { type: 'text', role: 'dimension' },
    ip: { type: 'text', pii: true, description: 'IPv4 or IPv6 address, as written' },
    uri: { type: 'text', role: 'dimension' },
    action: { type: 'text', role: 'dimension' },
    tags: {
      type: 'text[]',
      parse: 'python-list',
      description: "written as a Python list: ['a', 'b']",
    },
  },
  derived: {
    email_domain: {
      type: 'text',
      role: 'dimension',
      description: 'what follows the last @ of the e-mail, in lower case; NULL where nothing does',
      sql: `
        CASE WHEN contains(email, '@')
          THEN nullif(lower(split_part(email, '@', -1)), '')
        END`,
    },
  },
  // A day reads every file that holds rows of it: 31 March lies in April's file, too.
  observes: { column: 'timestamp', by: 'day' },
})
