// node evaluate_policy.mjs CEL-JS: evaluates a MutatingAdmissionPolicy. Reads {policy, cases: [{object, namespaceObject}]}
// from standard input and prints, for each case, the failed matchConditions, or the JSON patch.
//
// cel-js checks types as strictly as the API server where it counts: a map or list literal of several types is an error.
// It has no message literals, so JSONPatch{op: ...} is read as a map; and what Kubernetes adds to CEL is below.
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'

const {Environment} = await import(pathToFileURL(join(process.argv[2], 'lib/index.js')))
const {policy, cases} = JSON.parse(readFileSync(0))

function environment(options) {
  return new Environment({enableOptionalTypes: true, ...options})
    .registerVariable('object', 'dyn')
    .registerVariable('namespaceObject', 'dyn')
    .registerVariable('variables', 'map<string, dyn>')
    .registerFunction('list.distinct(): list', list => [...new Set(list)])
    .registerFunction('list.reverse(): list', list => [...list].reverse())
    .registerFunction('list.sort(): list', list => [...list].sort())
    .registerFunction('list.indexOf(dyn): int', (list, value) => BigInt(list.indexOf(value)))
}
const strict = environment({})
const patches = environment({homogeneousAggregateLiterals: false})
const asMaps = text => text.replaceAll('JSONPatch{', '{').replace(/\b(op|from|path|value): /g, '"$1": ')

// CEL's integers are BigInt, which JSON does not know.
function converted(value, number) {
  if (number(value) !== undefined) return number(value)
  if (Array.isArray(value)) return value.map(each => converted(each, number))
  const entries = value instanceof Map ? [...value] : value && typeof value === 'object' ? Object.entries(value) : null
  return entries ? Object.fromEntries(entries.map(([key, each]) => [key, converted(each, number)])) : value
}
const toCel = value => converted(value, each => (typeof each === 'number' ? BigInt(each) : undefined))
const fromCel = value => converted(value, each => (typeof each === 'bigint' ? Number(each) : undefined))

function evaluated(context) {
  const {matchConditions, variables, mutations} = policy.spec
  const failed = matchConditions.filter(({expression}) => strict.evaluate(expression, {...context, variables: {}}) !== true)
  if (failed.length) return {leftAlone: failed.map(({name}) => name)}
  const known = {}
  for (const {name, expression} of variables) known[name] = strict.evaluate(expression, {...context, variables: known})
  const [{jsonPatch}] = mutations
  return {patch: fromCel(patches.evaluate(asMaps(jsonPatch.expression), {...context, variables: known}))}
}
console.log(JSON.stringify(cases.map(toCel).map(evaluated)))
