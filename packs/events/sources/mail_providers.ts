import { defineReference } from 'millrace'

export default defineReference({
  description: 'Domains whose mailboxes belong to anybody; they tell no company.',
  location: './reference/mail_providers.csv',
  columns: {
    domain: { type: 'text', description: 'what follows the @, in lower case' },
  },
  checks: [
    'domains_once: unique domain',
    "lower_case: each domain = lower(trim(domain)) AND domain <> ''",
  ],
})
