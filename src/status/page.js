'use strict';
const find = id => document.getElementById(id);
const more = find('more');
document.querySelectorAll('th').forEach(one => { one.scope = 'col'; });
let facts, received, now, refusal = '';

// Only what changed is written: focus, selection and screen readers do not notice a refresh.
function set(node, key, value) { if (node[key] !== value) node[key] = value; }

// Control and format characters would hide, or reorder what follows.
function visible(text) {
  return String(text ?? '').replace(/\p{C}/gu, c => '\\u{' + c.codePointAt(0).toString(16) + '}');
}

// One element a line: [class, text]. Every foreign text passes here or `write`, and becomes text alone.
function fill(node, ...lines) {
  lines = lines.filter(line => line && visible(line[1]));
  lines.forEach(([style, text], i) => {
    const child = node.children[i] || node.appendChild(document.createElement('span'));
    set(child, 'className', style);
    set(child, 'textContent', visible(text));
  });
  while (node.children.length > lines.length) node.lastChild.remove();
}

const put = (id, ...lines) => fill(find(id), ...lines);
const write = (id, text) => set(find(id), 'textContent', visible(text));

// Rows stay in place. `cells` gives the lines of each cell; the first cell is the row's header.
function rows(id, items, cells) {
  const table = find(id), body = table.tBodies[0] ?? table.createTBody(), names = table.tHead.rows[0].cells;
  table.hidden = !items.length;
  items.forEach((item, i) => {
    const row = body.rows[i] || body.insertRow();
    cells(item).forEach((lines, k) => {
      let cell = row.cells[k];
      if (!cell) {
        cell = row.appendChild(document.createElement(k ? 'td' : 'th'));
        if (!k) cell.scope = 'row';
        cell.dataset.name = names[k].textContent;
      }
      fill(cell, ...lines);
    });
  });
  while (body.rows.length > items.length) body.lastChild.remove();
}

function length(s) {
  if (s < 1) return +(s * 1000).toFixed(s < .01 ? 1 : 0) + ' ms';
  if (s < 10) return +s.toFixed(1) + ' s';
  if (s < 120) return Math.round(s) + ' s';
  if (s < 7200) return Math.floor(s / 60) + ' min';
  if (s < 172800) return Math.floor(s / 3600) + ' h ' + Math.floor(s % 3600 / 60) + ' min';
  return Math.floor(s / 86400) + ' days';
}
const age = time => (now - Date.parse(time)) / 1000;
const ago = s => s < 1.5 ? 'just now' : length(Math.round(s)) + ' ago';
const iso = time => new Date(time).toISOString();
const day = time => iso(time).slice(0, 10);
// UTC, as in logs; with the day unless it is today.
const clock = time => (day(time) === day(now) ? '' : day(time) + ' ') + iso(time).slice(11, 19) + '\u00a0UTC';
const when = time => ago(age(time)) + ', ' + clock(time);
const many = (n, noun) => n + ' ' + noun + (n === 1 ? '' : 's');
const sentence = text => text[0].toUpperCase() + text.slice(1);
const why = one => sentence(one.meaning) + ' (' + one.reason + ').';
const advice = one => one.advice && ['', 'What to do: ' + one.advice + '.'];
const node = () => facts.configuration.find(one => one.name === 'NODE_NAME')?.value;
const yes = value => [value == null ? ['s', 'unknown'] : [value ? '' : 'b', value ? 'yes' : 'no']];

function answer({answer: given, snapshot, configuration}) {
  const held = given.held_seconds != null;
  const failure = snapshot?.failure?.reason !== given.reason && snapshot?.failure;
  const old = snapshot?.source === 'live' && age(snapshot.observed) > 60;
  const grace = configuration.find(one => one.name === 'STALE_GRACE')?.value;
  set(find('answer'), 'className', !given.healthy ? 'down' : held || old ? 'held' : 'up');
  write('headline', (refusal || old ? 'Last known: ' : '') + (given.healthy ? 'Healthy' : 'Not healthy') + ' · ' + given.status);
  put('words', ['', why(given)], ['m', given.detail], advice(given),
    held && ['b', 'Held: the pod’s state cannot be read now, so this is the last known one.' +
      (given.healthy ? ' It stands for ' + grace + ' (STALE_GRACE).' : '')],
    old && ['b', 'Read ' + when(snapshot.observed) + '. The next query reads the pod again.'],
    failure && ['', why(failure)], failure && advice(failure));
  put('since', given.since && ['s', 'For ' + length(Math.ceil(age(given.since))) + ', since ' + clock(given.since)],
    held && ['s', 'The last known state is ' + length(given.held_seconds) + ' old']);
}

function clients({clients: all, started, now: time}, notes) {
  const odd = one => one.remarks.length > 0, count = all.filter(odd).length;
  const check = all.map(one => one.last_check ?? '').sort().pop();
  all.sort((a, b) => odd(b) - odd(a) || a.address.localeCompare(b.address, 'en', {numeric: true}));
  // A check that comes every minute may be late.
  const within = (s, last) => Date.parse(time) - Date.parse(last) < s * 1000;
  put('recent', ['', many(all.filter(one => within(60, one.last)).length, 'client') + ' in the last minute'],
    within(65, check) || ['w', 'No health check since ' + (check ? clock(check) : 'the start, ' + when(started)) +
      '. Check its address, port and path (/healthz), and network policies.']);
  if (count) notes.push(['w', many(count, 'client') + ' with remarks: see “Who checks”.']);
  rows('clients', all, one => [
    [['m', one.address], one.proxy_source && ['s f', 'for ' + one.proxy_source + ' (PROXY header)']],
    [one.path ? ['m', one.method + ' ' + one.path] : ['', one.protocol === 'agent' ? 'agent check' : one.requests ? 'unreadable' : 'none'],
      ...one.remarks.map(text => ['w f', sentence(text)]),
      one.path && ['s', one.protocol + (one.tls ? ' over TLS' : '')],
      one.host && ['s f', 'Host: ' + one.host],
      one.user_agent && ['s f', 'User-Agent: ' + one.user_agent]],
    [one.interval_seconds != null && ['', 'every ' + length(one.interval_seconds)],
      ['s', many(one.requests, 'request')], ['s', many(one.connections, 'connection')],
      one.mute > 0 && ['s', one.mute + ' without a request, last ' + ago(age(one.last_mute))]],
    [['', one.last ? ago(age(one.last)) : 'none'], one.last && ['s', clock(one.last)]],
    [['b', one.answer?.status ?? 'none'], ['', one.answer?.reason], one.answer?.held && ['', 'held']],
  ]);
}

function pod({pod: shown, node: on, snapshot, workloads}) {
  put('pod', workloads ? ['', many(workloads.length, 'workload') + ' on ' + node()] : shown ? ['m', shown.namespace + '/' + shown.name] : ['', 'none known'], shown && ['s f', 'uid ' + shown.uid]);
  put('phase', ['f', shown ? shown.phase : 'unknown'], shown?.deleting && ['w', 'is being deleted'],
    shown?.maintenance && ['w f', 'maintenance: ' + shown.maintenance]);
  put('snapshot', ['', snapshot?.observed ? when(snapshot.observed) : 'none yet'],
    snapshot && ['s', {live: 'live: a GET for each query', watch: 'from the watch', node: 'from the watch', override: 'STATE_OVERRIDE: not read'}[snapshot.source]],
    snapshot?.failure && ['w', why(snapshot.failure)]);
  put('node', on ? ['m f', on.name] : ['', 'not read'], on && [on.draining ? 'w f' : 's', on.draining == null ? 'unknown whether it is leaving' :
    on.draining ? 'is leaving: ' + on.cause : 'is not leaving'], on?.observed && ['s', 'read ' + when(on.observed)], on?.failure && ['w', why(on.failure)]);
  rows('workloads', workloads ?? [], one => [[['m', one.namespace + '/' + one.name]], [['b', one.status], ['', one.reason], one.held && ['', 'held']],
    [['', one.ready + ' of ' + one.pods]]]);
  rows('containers', shown?.containers ?? [], one => [
    [['m', one.name], one.kind !== 'container' && ['s', one.kind]], yes(one.ready), yes(one.started),
    [['', one.restarts ?? 0], one.last_termination && ['s f', 'last: ' + one.last_termination]],
  ]);
  rows('conditions', shown?.conditions ?? [], one => [[['f', one.type]], [['f', one.status]], [['f', one.reason]]]);
}

function api({api: calls, watch}) {
  const last = calls?.last, counted = all => (all ?? []).filter(one => one.count);
  const restarts = counted(watch?.restarts).map(one => one.cause + ' ' + one.count).join(', ');
  put('server', calls ? ['m', calls.server] : ['', 'not used']);
  put('call', ['', last ? last.verb.toUpperCase() + ', ' + when(last.at) : 'none yet'],
    last && [last.result === 'success' ? 's' : 'w', last.result + ' after ' + length(last.seconds)]);
  put('watch', watch ? [watch.missed_events ? 'w' : '', many(watch.missed_events, 'missed event')] : ['', 'not used'],
    watch && !watch.used && ['w', 'not used now: each query is a GET; the log says why'],
    watch && ['s', restarts ? 'restarts: ' + restarts : 'no restart']);
  const requests = counted(calls?.requests);
  rows('calls', [...new Set(requests.map(one => one.verb))], verb => {
    const these = requests.filter(one => one.verb === verb), good = these.find(one => one.result === 'success');
    const bad = these.filter(one => one !== good).map(one => ['b', one.result + ' ' + one.count]);
    return [[['', verb.toUpperCase()]], [['', good ? good.count : 0]], bad.length ? bad : [['', 0]]];
  });
}

function expiry(id, near, notes, none) {
  const time = facts.expiry[id], left = time && -age(time), close = time && left < near, text = left > 0 ? 'expires ' : 'has expired ';
  put(id, [close ? 'w' : '', time ? text + (left > 0 ? 'in ' + length(left) : ago(-left)) + ', ' + clock(time) : none]);
  if (close) notes.push(['w', 'The ' + id + ' ' + text + clock(time) + '.']);
}

function transitions(all) {
  const open = more.ariaExpanded === 'true';
  rows('transitions', open ? all : all.slice(0, 8), one => [[['', ago(age(one.at))], ['s', clock(one.at)]],
    [['b', one.status], one.held && ['', 'held']], [['', one.reason]], [['f', one.detail]]]);
  more.hidden = all.length <= 8;
  set(more, 'textContent', open ? 'Show the last 8' : 'Show all ' + all.length);
}

function draw() {
  now = Date.parse(facts.now) + performance.now() - received;
  const notes = [], name = facts.pod ? facts.pod.namespace + '/' + facts.pod.name : node() || 'Health check sidecar';
  write('name', name);
  set(document, 'title', visible((refusal ? '? ' : facts.answer.status + ' ') + facts.answer.reason + ' · ' + name));
  write('age', (refusal ? 'As of ' : 'Updated ') + clock(facts.now));
  answer(facts);
  clients(facts, notes);
  pod(facts);
  api(facts);
  transitions(facts.transitions);
  expiry('token', 600, notes, facts.api ? 'does not expire' : 'none');
  expiry('certificate', 604800, notes, 'none');
  put('notes', ...notes);
  rows('options', facts.configuration, one => [[['m', one.name]], [['m', one.value]]]);
  write('version', 'Version ' + facts.version + ', started ' + when(facts.started));
  document.querySelector('main').hidden = false;
}

function warn(text) {
  write('link', text);
  document.body.classList.toggle('old', text);
}

async function poll() {
  if (document.hidden) { // its title would grow old
    document.title = '? ' + document.title;
    return document.addEventListener('visibilitychange', poll, {once: true});
  }
  const began = performance.now();
  try {
    const response = await fetch('status', {cache: 'no-store', signal: AbortSignal.timeout(3000)});
    if (!response.ok) throw Error('it answered ' + response.status);
    facts = await response.json();
    received = performance.now();
    refusal = '';
  } catch (error) {
    refusal = 'The sidecar cannot be reached (' + error.message + '). Trying again every second.';
  }
  setTimeout(poll, Math.max(0, 1000 - (performance.now() - began)));
  try {
    warn(refusal + (refusal && facts ? ' What is shown is old.' : ''));
    if (facts) draw();
  } catch (error) {
    warn('These facts cannot be shown: ' + error.message);
  }
}

more.onclick = () => {
  more.ariaExpanded = more.ariaExpanded !== 'true';
  draw();
};
poll();
