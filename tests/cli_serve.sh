#!/bin/bash
# A server: what it answers, what it refuses, its limits, its token, how it stops, reads its model again, and the
# report of a study that runs.
#   tests/cli_serve.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
export OPENBLAS_NUM_THREADS=1
unset http_proxy HTTP_PROXY all_proxy ALL_PROXY
awk 'BEGIN { srand(4); print "id,a,b,town,kind"
    for (i = 0; i < 900; i++) {
        a = rand() * 4; t = rand() < .5 ? "Bern" : "\"Rom, alt\""
        printf "r%d,%.4f,%.3f,%s,%s\n", i, a, rand(), t, (a + rand() > 2.5 ? "up" : "down") } }' > t.csv
printf 'name: one\ndata: {train: t.csv, label: kind, drop: [id]}\nmethod: random\nrun_cap: 2\nensemble: {intervals: [0.8]}\n' > one.yaml
printf 'run: {keep_models: 4}\ntrain: {epochs: 4, hidden: [16]}\nparameters: {learning_rate: {values: [0.01, 0.02]}}\n' >> one.yaml
ok study sweep one.yaml -q
ok ensemble ensemble one -q
cp runs/one/ensemble.consort model.consort

start() { # start ARGUMENTS...: $url, $pid
    rm -f said
    "$consort" serve "$@" --port 0 > said 2> log < /dev/null &
    pid=$!
    until_there '^http' said $pid
    url=$(head -1 said)
    is "it is there" "${url%%:*}" http
}
stop() { # stop NAME [SIGNAL]
    kill -"${2:-TERM}" $pid
    wait $pid
    is "$1" $? 0
    grep -qE 'Sanitizer|runtime error|Assertion' log && { cp log err; fail "$1: a bug"; }
    return 0
}

# What is answered, by Python's own client.
start model.consort -v
cat > ask.py << 'EOF'
import concurrent.futures, csv, http.client, io, json, socket, subprocess, sys, time, urllib.parse
consort, url = sys.argv[1], sys.argv[2]
where = urllib.parse.urlparse(url)
rows = list(csv.DictReader(open('t.csv')))
def ask(method, path, body=None, **headers):
    c = http.client.HTTPConnection(where.hostname, where.port, timeout=60)
    c.request(method, path, body, {k.replace('_', '-'): v for k, v in headers.items()})
    r = c.getresponse()
    got = r.status, r.headers, r.read()
    c.close()
    return got
def post(body, kind='application/json', query='', **headers):
    if not isinstance(body, (str, bytes)): body = json.dumps(body)
    if isinstance(body, str): body = body.encode()
    return ask('POST', '/predict' + query, body, Content_Type=kind, **headers)
def error(got, code, *words):
    assert got[0] == code, got
    e = json.loads(got[2])['error']
    assert e['code'] == code and all(w in e['message'] for w in words), e
    return e
def predict(file, *options):
    return subprocess.run([consort, 'predict', 'model.consort', file, '-q', *options], check=True, capture_output=True).stdout
whole = open('t.csv', 'rb').read()
typed = [{'a': float(r['a']), 'b': float(r['b']), 'town': r['town'], 'id': r['id']} for r in rows]
lines = b''.join(json.dumps(r).encode() + b'\n' for r in typed)
open('t.ndjson', 'wb').write(lines)

# the same bytes as the verb's
for query, options in [('', []), ('?proba=1', ['--proba']), ('?id=id&top=2', ['--id', 'id', '--top', '2']),
                       ('?interval=0.8', ['--interval', '0.8']), ('?threshold=up%3D0.7', ['--threshold', 'up=0.7'])]:
    assert post(whole, 'text/csv', query)[2] == predict('t.csv', *options), query
    assert post(lines, 'application/x-ndjson', query)[2] == predict('t.ndjson', '--json', *options), query
    want = [json.loads(l) for l in predict('t.ndjson', '--json', *options).splitlines()]
    assert json.loads(post(typed, query=query)[2]) == want, query
    assert json.loads(post({'rows': typed}, query=query)[2]) == {'rows': want}, query
    columns = {k: [r[k] for r in typed] for k in ('a', 'b', 'town', 'id')}
    assert json.loads(post(columns, query=query)[2]) == {'rows': want}, query
    assert json.loads(post(json.dumps(typed[7], indent=3), query=query)[2]) == want[7], query
# Accept
status, headers, body = post(typed, Accept='text/html;q=0.3, text/csv')
assert status == 200 and headers['Content-Type'].startswith('text/csv') and body == predict('t.csv')
assert json.loads(post(whole, 'text/csv', Accept='application/json')[2])['rows'] == [json.loads(l) for l in predict('t.csv', '--json').splitlines()]
assert post(whole, 'text/csv', Accept='*/*')[1]['Content-Type'].startswith('text/csv')
error(post(whole, 'text/csv', Accept='image/png'), 406, 'application/json')
# missing and unknown cells, cells of other types
assert post([{}, {'a': None}, {'town': 'Ulm', 'more': [1]}, {'a': '3.5', 'b': True and 1}])[0] == 200
# what is wrong, and where
assert error(post([{'a': 1}, {'a': 'x'}]), 400, 'column `a`: `x` is not a number')['row'] == 2
assert error(post('a,b,town\n1,2,x\n1,y,z\n', 'text/csv'), 400, 'column `b`')['line'] == 3
assert error(post('{"a":1}\n{"a":\n', 'application/x-ndjson'), 400)['line'] == 2
error(post('a,b\n1,2\n', 'text/csv'), 400)
for bad in [b'', b'{', b'[1]', b'[]', b'null', b'3', b'"x"', b'{"rows":3}', b'{"rows":[]}', b'[{"a":NaN}]', b'{"a":1}{"a":2}', b'{"a":1,"a":2}',
            b'[' * 100000, b'{"a":' * 5000, b'{"a":[1,2],"b":[1]}', b'{"a":[1],"b":1}', b'{"a":[]}', b'\xff\xfe', b'{"a":"\xed\xa0\x80"}',
            b'{"\\u0000":1}', b'{"a":1e999}', b'\x00']:
    error(post(bad), 400)
assert post('{"a":1,"\U0001F600":"\u202e"}'.encode())[0] == 200
for query in ['?prob=1', '?proba=maybe', '?top=0', '?top=x', '?interval=0.5', '?threshold=2', '?id=nobody', '?header=perhaps', '?' + '&'.join('proba=1' for _ in range(20))]:
    error(post(whole, 'text/csv', query), 400)
error(post(whole, 'application/x-www-form-urlencoded'), 415, 'curl')
error(ask('POST', '/predict', whole), 415)
error(post(typed, Content_Encoding='gzip'), 415, 'Content-Encoding: gzip')
assert post(typed, Content_Encoding='identity')[0] == 200
assert error(post([typed[0], {'a': {'mean': 2}}]), 400, '`a` is an object')['row'] == 2
error(post({'age': 2}), 400, 'is missing')
error(post(b'[{"a":NaN}]'), 400, 'a number that is missing is null')
error(ask('GET', '/predict'), 405)
assert ask('GET', '/predict')[1]['Allow'] == 'POST'
error(ask('DELETE', '/model'), 405)
error(ask('GET', '/../etc/passwd'), 404)
assert ask('GET', '/health', Host='evil.example')[0] == 200
error(ask('GET', '/model', Host='evil.example'), 403)
assert ask('HEAD', '/model')[2] == b''
# what it is
about = json.loads(ask('GET', '/model')[2])
assert about['classes'] == ['down', 'up'] and [c['name'] for c in about['columns']] == ['a', 'b', 'town'], about
assert about['row_schema']['properties']['a']['type'] == ['number', 'null']
assert sorted(about['columns'][2]['levels']) == ['Bern', 'Rom, alt']
assert json.loads(ask('GET', '/health')[2]) == {'status': 'ok'}
# many at once
def one(i):
    r = post(typed[i % len(typed)])
    assert r[0] == 200
    return json.loads(r[2])
want = [json.loads(l) for l in predict('t.ndjson', '--json').splitlines()]
with concurrent.futures.ThreadPoolExecutor(64) as pool:
    assert list(pool.map(one, range(1200))) == [want[i % len(want)] for i in range(1200)]
# one connection, many requests
c = http.client.HTTPConnection(where.hostname, where.port)
for i in range(50):
    c.request('POST', '/predict', json.dumps(typed[i]), {'Content-Type': 'application/json'})
    assert json.loads(c.getresponse().read()) == want[i]
# in pieces
c.putrequest('POST', '/predict')
c.putheader('Content-Type', 'text/csv'); c.putheader('Transfer-Encoding', 'chunked'); c.endheaders()
for at in range(0, len(whole), 999):
    piece = whole[at:at + 999]
    c.send(b'%x\r\n%s\r\n' % (len(piece), piece))
c.send(b'0\r\n\r\n')
assert c.getresponse().read() == predict('t.csv')
counts = dict(l.rsplit(' ', 1) for l in ask('GET', '/metrics')[2].decode().splitlines() if l[0] != '#')
assert int(counts['consort_requests_total{code="200"}']) > 1280 and int(counts['consort_requests_total{code="405"}']) == 3, counts
assert int(counts['consort_rows_total']) > 900 * 30 and int(counts['consort_unknown_words_total']) >= 1, counts
assert int(counts['consort_request_seconds_count']) == sum(int(v) for k, v in counts.items() if k.startswith('consort_requests_total'))
EOF
n=$((n + 1))
python3 ask.py "$consort" "$url" > out 2> err || fail "what is answered"
has "the log" log '^127.0.0.1 POST /predict 200, 900 rows, '
lacks "no more of a request than that" log 'threshold|Rom'
stop "it stops"

# Limits.
start model.consort --max-body 20kB --timeout 1s --connections 8
cat > limits.py << 'EOF'
import http.client, json, socket, sys, time, urllib.parse
where = urllib.parse.urlparse(sys.argv[1])
def raw(data, wait=30):
    s = socket.create_connection((where.hostname, where.port), timeout=wait)
    for piece in data if isinstance(data, list) else [data]:
        try: s.sendall(piece)
        except OSError: break
    got = b''
    try:
        while True:
            piece = s.recv(65536)
            if not piece: break
            got += piece
    except OSError: pass
    s.close()
    return got
head = b'POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n'
close = b'Connection: close\r\n'
assert b' 413 ' in raw(head + b'Content-Length: 30000\r\n' + close + b'\r\n' + b'x' * 30000).split(b'\r\n')[0]
assert b' 413 ' in raw(head + b'Content-Length: 3000000000\r\n\r\n').split(b'\r\n')[0]
assert b' 413 ' in raw(head + b'Transfer-Encoding: chunked\r\n' + close + b'\r\n' + b'7530\r\n' + b'x' * 30000 + b'\r\n0\r\n\r\n').split(b'\r\n')[0]
raw(head + b'Content-Length: -5\r\n\r\n')
raw(head + b'Content-Length: 99999999999999999999999999\r\n\r\n')
raw(b'\x00\xff' * 300 + b'\r\n\r\n', 5)
got = raw(b'GET /model HTTP/1.1\r\nHost: localhost\r\nX: ' + b'y' * 200000 + b'\r\n\r\n').split(b'\r\n')[0]
assert b' 431 ' in got or b' 413 ' in got or got == b'', got
begin = time.time()
got = raw(head + b'Content-Length: 100\r\n\r\na,b')           # a body that does not come
assert got.startswith(b'HTTP/1.1 408 ') and time.time() - begin < 20, got
got = raw(b'GET /model HTT')                                   # nor a head
assert got.startswith(b'HTTP/1.1 408 '), got
s = socket.create_connection((where.hostname, where.port))     # a byte now and then keeps nobody waiting longer
begin, got = time.time(), b''
s.settimeout(.1)
try:
    while time.time() - begin < 20:
        s.sendall(b'G')
        try:
            got = s.recv(1000)
            break
        except TimeoutError: pass
except OSError: pass
assert time.time() - begin < 15
s.close()
held = [socket.create_connection((where.hostname, where.port)) for _ in range(8)]
time.sleep(.3)
got = raw(b'GET /model HTTP/1.1\r\nHost: localhost\r\n' + close + b'\r\n')
assert b' 503 ' in got.split(b'\r\n')[0] and b'Retry-After' in got, got
for s in held: s.close()
time.sleep(.5)
for _ in range(100):
    got = raw(b'GET /health HTTP/1.1\r\nHost: localhost\r\n' + close + b'\r\n')
    if b' 200 ' in got.split(b'\r\n')[0]: break
    time.sleep(.1)
else: raise SystemExit('it does not recover')
EOF
n=$((n + 1))
python3 limits.py "$url" > out 2> err || fail "limits"
stop "it stops after that" INT

# A token.
printf 'correct-horse-battery\n' > token
start model.consort --token-file token -v
code() { curl -s -o out -w '%{http_code}' "$@"; }
if command -v curl > /dev/null; then
    is "without" "$(code "${url}model")" 401
    has "how" out 'Authorization: Bearer'
    is "another" "$(code -H 'Authorization: Bearer correct-horse-batterx' "${url}model")" 401
    is "longer" "$(code -H 'Authorization: Bearer correct-horse-battery2' "${url}model")" 401
    is "not bearer" "$(code -H 'Authorization: Basic correct-horse-battery' "${url}model")" 401
    is "with" "$(code -H 'Authorization: Bearer correct-horse-battery' "${url}model")" 200
    is "health needs none" "$(code "${url}health")" 200
    is "in the address it is none" "$(code "${url}model?token=correct-horse-battery")" 401
    lacks "not in the log" log 'horse'
else
    skip "the token: no curl"
fi
stop "it stops with a token"
expect 2 "elsewhere" serve model.consort --bind 0.0.0.0 --port 0
has "elsewhere it needs one" err 'a token is needed: --token-file FILE, or CONSORT_TOKEN$'
expect 2 "elsewhere, of six" serve model.consort --bind :: --port 0
printf 'short\n' > short
expect 2 short serve model.consort --token-file short
has short err 'a token is one word of 16 ASCII characters or more'
expect 2 "no token" serve model.consort --token-file nowhere
CONSORT_TOKEN=from-the-environment start model.consort --bind 0.0.0.0
url=http://127.0.0.1:${url##*:}
[ -z "$(command -v curl)" ] || is "of the environment" "$(code -H 'Authorization: Bearer from-the-environment' "${url}model")" 200
stop "it stops elsewhere"
expect 2 address serve model.consort --bind example.com
expect 2 body serve model.consort --max-body much
expect 2 timeout serve model.consort --timeout never
expect 2 port serve model.consort --port 99999
expect 3 "no model" serve nowhere.consort
expect 3 "not a model" serve t.csv

# The port is taken; a request in flight is answered when it stops.
start model.consort
expect 1 taken serve model.consort --port "$(echo "$url" | tr -dc '0-9:' | cut -d: -f3)"
has taken err 'cannot listen at 127.0.0.1 port [0-9]+: Address already in use; --port 0'
n=$((n + 1))
cat > flight.py << 'EOF'
import os, signal, socket, sys, time, urllib.parse
where = urllib.parse.urlparse(sys.argv[1])
s = socket.create_connection((where.hostname, where.port))
body = open('t.csv', 'rb').read()
s.sendall(b'POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nConnection: close\r\nContent-Length: %d\r\n\r\n' % len(body) + body[:1000])
time.sleep(.3)
os.kill(int(sys.argv[2]), signal.SIGTERM)
time.sleep(.3)
s.sendall(body[1000:])
got = b''
while True:
    piece = s.recv(65536)
    if not piece: break
    got += piece
assert got.startswith(b'HTTP/1.1 200 ') and got.count(b'\n') > 900, got[:300]
EOF
python3 flight.py "$url" $pid > out 2> err || fail "a request in flight"
wait $pid
is "and then it ends" $? 0

# The model is read again: when it is another, and at SIGHUP; what is no model changes nothing.
start model.consort
cp runs/one/artifacts/trial-000000.consort other && mv other model.consort
until_so grep -q 'model.consort was read again' log
: > log
kill -HUP $pid
until_so grep -q 'model.consort was read again' log
echo nonsense > other && mv other model.consort
until_so grep -q 'the model before it goes on answering' log
n=$((n + 1))
python3 -c 'import sys, urllib.request
assert b"kind" in urllib.request.urlopen(sys.argv[1] + "model").read()' "$url" 2> err || fail "it goes on"
stop "it stops after that, too"

# The report of a study that runs, before there is an ensemble and after.
sed 's/name: one/name: two/; s/run_cap: 2/run_cap: 4/; s/0.01, 0.02/0.01, 0.02, 0.03, 0.04/' one.yaml > two.yaml
if can_hold; then
    held trial-000002. "$work/go" exec "$consort" sweep two.yaml -q > /dev/null 2>&1 &
    sweep=$!
    until_so test -e runs/two/artifacts/trial-000001.consort
    start two
    page() { python3 -c 'import sys, urllib.request
r = urllib.request.urlopen(sys.argv[1])
assert r.headers["Content-Type"] == "text/html; charset=utf-8" and b"</html>" in r.read()
assert (r.headers["Refresh"] is not None) == (sys.argv[2] == "running")' "$url" "$1"; }
    n=$((n + 1))
    until_so page running || fail "the report of a study that runs"
    n=$((n + 1))
    python3 -c 'import sys, urllib.request, urllib.error
try: urllib.request.urlopen(sys.argv[1] + "model")
except urllib.error.HTTPError as e: assert e.code == 503 and b"no ensemble yet" in e.read()
else: raise SystemExit("a model")' "$url" 2> err || fail "there is no ensemble yet"
    : > "$work/go"
    wait $sweep
    until_so page ended || fail "the report is made again"
    ok "its ensemble" ensemble two -q
    until_so grep -q 'ensemble.consort was read$' log
    stop "it stops beside a study"
else
    skip "the report of a study that runs: nothing can be held here"
fi
echo "serve: $n checks, $failed failed, $skipped skipped"
[ $failed = 0 ]
