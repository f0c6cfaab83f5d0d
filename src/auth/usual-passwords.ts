/**
 * Words that the passwords which are tried first are made of. With what `password-policy.ts` strips
 * from both ends, puts back into letters and joins (up to three of them), they stand for millions:
 * `P@ssw0rd2024!`, `qwertyuiop123`, `iloveyou-forever`, `AdminAdmin1`.
 */
export const usualWords: ReadonlySet<string> = new Set(
  `
  password passwort passw passwd pass pwd motdepasse contrasena senha wachtwoord parola haslo sifre
  secret geheim secreto segreto login logon signin user users username guest gast visitor root admin
  administrator administrateur sysadmin operator owner master manager test tests tester testing demo
  example sample default changeme change temp temporary new neu nuevo welcome willkommen bienvenue
  bienvenido hello hallo hola bonjour hi hey please let letmein open opensesame access enter start
  stop go yes no my me mine your you i a the and is its it this that one two three four five six seven
  eight nine ten first second last dont know nothing something whatever forget forgot remember
  qwerty qwertz azerty qwertyuiop qwertzuiop azertyuiop asdf asdfg asdfgh asdfghjkl asdfghjklo zxcv
  zxcvb zxcvbn zxcvbnm yxcvbnm qwer uiop hjkl qaz wsx edc rfv tgb yhn ujm qazwsx qazwsxedc zaq xsw
  abc abcd abcde abcdef abcdefg abcdefgh abcdefghi abcdefghij abcdefghijk xyz aaa bbb ccc xxx zzz
  love loveyou iloveyou iloveu lovely lover forever baby babe honey sweet sweetheart angel princess
  prince king queen star sunshine sunflower flower rose butterfly rainbow unicorn dragon monkey tiger
  lion eagle wolf bear cat dog puppy kitty kitten bunny rabbit horse pony dolphin shark turtle panda
  chicken spider ninja pirate wizard magic monster hunter killer warrior knight phoenix shadow ghost
  devil satan jesus christ god godisgood heaven faith hope grace blessed bless family mother father
  mom mum dad mommy daddy papa mama sister brother friend friends bestfriend life mylife happy happiness
  smile lucky luck money cash rich gold silver diamond platinum orange apple banana cherry cheese
  chocolate cookie cookies candy sugar pepper ginger coffee beer pizza burger pumpkin potato summer
  winter spring autumn fall sommer fruhling herbst ete hiver january february march april may june july
  august september october november december monday tuesday wednesday thursday friday saturday sunday
  morning evening night day today tomorrow year month week football soccer baseball basketball hockey
  tennis golf rugby fussball futbol liverpool chelsea arsenal barcelona madrid realmadrid juventus
  milan manchester united city yankees cowboys eagles steelers lakers bulls ferrari porsche mercedes bmw
  audi mustang corvette camaro harley yamaha honda toyota nissan jordan michael jackson superman batman
  spiderman pokemon pikachu naruto starwars matrix trustno trustnoone hunter ranger buster charlie daniel
  thomas robert andrew joshua matthew anthony william james john david george peter paul mark richard
  jessica jennifer ashley nicole amanda michelle melissa sarah hannah samantha elizabeth maria anna
  julia laura sophie emma lena mia alex max sam tom ben leo tim jan computer internet server network
  database system windows linux ubuntu macbook iphone android samsung google facebook twitter instagram
  youtube amazon microsoft apple oracle cisco adobe wordpress github docker kubernetes postgres mysql
  redis laptop phone mobile email mail office work job company business team project data analytics
  analysis report millrace factory tenant customer account security secure safe private public service
  support help helpdesk web site website online shop store bank freedom liberty peace america usa
  england london paris berlin germany deutschland france canada australia india china japan russia mexico
  brasil brazil italia espana europe world earth moon sun sky sea ocean water fire ice snow rain storm
  thunder lightning black white red green blue yellow purple pink brown grey gray dark light hot cool
  cold big small little good bad best better super mega ultra top number player game gamer games gaming
  music guitar piano metal rock dance party sexy hot crazy stupid idiot fuck fuckyou fuckoff shit asshole
  bitch whore pussy dick cock boob ass correct battery staple cthulhu gandalf frodo hobbit mordor
  whatever nothing blink access flower blah foobar foo bar baz lorem ipsum dolor amet quick fox jumps
  over lazy
`
    .split(/\s+/)
    .filter((word) => word.length > 1),
)

/** Ways over the keyboard that are no words. */
export const keyboardWalks: readonly string[] = [
  '1q2w3e4r5t',
  '1q2w3e4r5t6y',
  '1q2w3e4r5t6z',
  '1q2w3e4r5t6y7u8i',
  'q1w2e3r4t5',
  'q1w2e3r4t5y6',
  '1qaz2wsx3e',
  '1qaz2wsx3edc',
  '1qaz2wsx3edc4rfv',
  '1qazxsw2',
  '1qazxsw23edc',
  'zaq12wsxcde3',
  'zaq1xsw2cde3',
  'qweasdzxc',
  'qweasdzxcrtyfgh',
  'a1s2d3f4g5',
  '1a2s3d4f5g',
  'a1b2c3d4e5',
  '1a2b3c4d5e',
  'qwe123asd456',
  'qwe123rty456',
  'asd123qwe456',
  '123qwe456rty',
  '123qweasdzxc',
  'qaz123wsx456',
]
