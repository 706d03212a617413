"""Odd requests: each is the beginning of a stream in which two readers might disagree about where a request ends.

In every case `@` stands for the prefix of paths that belong to it alone: `/@first` is the request itself, `/@hidden` one
that hides in its content, and `differential.py` sends `/@last` behind.
"""

HIDDEN = b"GET /@hidden HTTP/1.1\r\nHost: a\r\n\r\n"
CHUNKED = b"5\r\nhello\r\n0\r\n\r\n"

#: Bytes that somebody, somewhere, takes for white space, for an end, or for nothing.
ODD_BYTES = [bytes([value]) for value in [*range(0x21), 0x7F, 0x80, 0x85, 0xA0, 0xAD, 0xFF, *b'",:;()/@\\_{}']]


def request(fields=b"", body=b"", line=b"POST /@first HTTP/1.1", host=b"Host: a\r\n"):
    return line + b"\r\n" + host + fields + b"\r\n" + body


def cases():
    """Every case as its name and its bytes."""
    for group in (lengths, codings, both, chunks, injected_bytes, request_lines, targets, hosts, header_blocks, options,
                  sequences):
        for number, (what, stream) in enumerate(group()):
            yield f"{group.__name__} {number}: {what!r}", stream


def hidden_length():
    """The length of the hidden request once its path is filled in: see `differential.py`."""
    return b"%LENGTH%"


def lengths():
    """Content-Length in every spelling, over content that looks like a request."""
    size = hidden_length()
    values = [
        size, b"0", b"+" + size, b"-" + size, b"0" + size, b"000000000000000000000" + size, b"0x" + size, size + b" ",
        b"\t" + size, size + b"\t", size + b"," + size, size + b", " + size, b"0, " + size, size + b", 0", b"," + size,
        size + b",", size + b" " + size, size + b";", size + b".0", size + b"e0", b'"' + size + b'"', b"", b" ", b"a",
        b"4294967296", b"18446744073709551616", b"18446744073709551615", b"9223372036854775808", b"-1", b"-0", b"+0",
        b"1_0", b"\xd9\xa3", size + b"\x00", size + b"\x0b", b"\x0c" + size, b"0\r\n " + size, size + b"\r\n\t", b"00",
    ]
    for value in values:
        yield value, request(b"Content-Length: " + value + b"\r\n", HIDDEN)
        yield b"1.0 " + value, request(b"Connection: keep-alive\r\nContent-Length: " + value + b"\r\n", HIDDEN,
                                       line=b"POST /@first HTTP/1.0")
    for first, second in [(size, size), (b"0", size), (size, b"0"), (size, b""), (b"", size), (b"0", b"0")]:
        for name in (b"Content-Length", b"content-length", b"Content_Length", b"Content-length "):
            yield name + first + b"," + second, request(
                b"Content-Length: " + first + b"\r\n" + name + b": " + second + b"\r\n", HIDDEN)
    for method in (b"GET", b"HEAD", b"OPTIONS", b"DELETE", b"TRACE", b"PUT", b"PATCH", b"FOO", b"post", b"CONNECT"):
        for value in (size, b"0"):
            yield method, request(b"Content-Length: " + value + b"\r\n", HIDDEN, line=method + b" /@first HTTP/1.1")
    yield "no length", request(b"", HIDDEN)
    yield "a field that comes after the header", request(b"Content-Length: 0\r\n\r\nContent-Length: 5\r\n", HIDDEN)


def codings():
    """Transfer-Encoding in every spelling."""
    values = [
        b"chunked", b"Chunked", b"CHUNKED", b" chunked", b"chunked ", b"\tchunked", b"chunked\t", b"\x0bchunked",
        b"chunked\x0b", b"\x0cchunked", b"\x00chunked", b"chunked\x00", b"xchunked", b"chunkedx", b"chunke", b"chunk",
        b"chunked,", b",chunked", b", chunked", b"chunked, chunked", b"chunked,identity", b"identity, chunked",
        b"identity", b"gzip", b"gzip, chunked", b"chunked, gzip", b"chunked;q=1", b"chunked; a", b'"chunked"', b"", b" ",
        b"cow", b"trailers", b"\xa0chunked", b"chunked\x85", b"ch unked", b"\r\n chunked", b"chunked\r\n x", b"x\r\n chunked",
        b"\\chunked", b"'chunked'", b"chunked chunked", b"none", b"null", b"deflate,chunked", b"x-chunked",
    ]
    for value in values:
        yield value, request(b"Transfer-Encoding: " + value + b"\r\n", b"0\r\n\r\n" + HIDDEN)
    for value in values[:6]:
        yield b"1.0 " + value, request(
            b"Connection: keep-alive\r\nTransfer-Encoding: " + value + b"\r\n", CHUNKED + HIDDEN,
            line=b"POST /@first HTTP/1.0")
    names = [
        b"transfer-encoding", b"TRANSFER-ENCODING", b"Transfer-Encoding ", b"Transfer-Encoding\t", b" Transfer-Encoding",
        b"\tTransfer-Encoding", b"Transfer_Encoding", b"Transfer Encoding", b"Transfer-Encoding\x00", b"\x00Transfer-Encoding",
        b"Transfer-\xc3\x8bncoding", b"X: a\rTransfer-Encoding", b"X: a\nTransfer-Encoding", b"X:\r Transfer-Encoding",
        b"X: a\r\n\rTransfer-Encoding", b"TE", b"Transfer-Encoding\r\n ", b"X\x00Transfer-Encoding", b"\xffTransfer-Encoding",
    ]
    for name in names:
        yield name, request(name + b": chunked\r\n", CHUNKED + HIDDEN)
    for pair in [(b"chunked", b"chunked"), (b"chunked", b"identity"), (b"identity", b"chunked"), (b"x", b"chunked"),
                 (b"chunked", b""), (b"", b"chunked"), (b"gzip", b"chunked")]:
        fields = b"".join(b"Transfer-Encoding: " + value + b"\r\n" for value in pair)
        yield pair, request(fields, CHUNKED + HIDDEN)


def both():
    """A length and a coding: the classic."""
    length = b"Content-Length: %b\r\n"
    for coding in (b"chunked", b"Chunked", b"xchunked", b"identity", b"chunked, identity", b"\x0bchunked", b"", b"chunked\x00"):
        for name in (b"Transfer-Encoding", b"Transfer-Encoding ", b"Transfer_Encoding", b"transfer-encoding", b"X: a\nTransfer-Encoding"):
            field = name + b": " + coding + b"\r\n"
            for size in (b"0", b"4", b"5", b"%TOTAL%"):
                body = b"0\r\n\r\n" + HIDDEN
                yield field, request(length % size + field, body)
                yield field, request(field + length % size, body)
    for version in (b"HTTP/1.0", b"HTTP/1.1"):
        field = b"Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n"
        yield version, request(length % b"%TOTAL%" + field, b"0\r\n\r\n" + HIDDEN, line=b"POST /@first " + version)


def chunks():
    """Chunked content, bent in each of its parts."""
    head = b"Transfer-Encoding: chunked\r\n"
    sizes = [
        b"5", b"05", b"00000005", b"000000005", b"0000000000000000000005", b"0x5", b"0X5", b"5h", b"+5", b"-5", b" 5",
        b"5 ", b"\t5", b"5\t", b"5  ", b"5\x0b", b"5\x00", b"\x005", b"5,", b"5.", b"5 5", b"5_", b"", b" ", b"g", b"5\r",
        b"5\xa0", b"5;", b"5;a", b"5;a=b", b"5; a = b", b"5 ;a", b'5;a="b c"', b'5;a="b;c"', b'5;a="b', b"5;a\rb", b"5;a\x00",
        b"5;a\x0b", b"5;a\x7f", b"5;\xff", b"5;a\n", b"5\n\r", b"100000005", b"10000000000000005", b"fffffffffffffffb",
        b"7fffffffffffffff", b"80000005", b"-fffffffffffffffb", b"5;" + b"a" * 300, b"5;" + b"a" * 9000, b"5=a", b"5:a",
    ]
    for size in sizes:
        yield size, request(head, size + b"\r\nhello\r\n0\r\n\r\n" + HIDDEN)
        # Where a bare line feed ends the size for one, the line goes on for the other.
        yield size + b" LF", request(head, size + b"\nhello\r\n0\r\n\r\n" + HIDDEN)
        yield size + b" in an extension", request(head, size + b";\nxx\r\n0\r\n\r\n" + HIDDEN)
    for end in (b"", b"\n", b"\r", b"\r\r\n", b"\n\r\n", b"X\r\n", b" \r\n", b"\r\n\r\n", b"\x00\r\n", b"\r \n"):
        yield b"data end " + end, request(head, b"5\r\nhello" + end + b"0\r\n\r\n" + HIDDEN)
    lasts = [
        b"0\r\n\r\n", b"00\r\n\r\n", b"000000000000000000\r\n\r\n", b"0;a\r\n\r\n", b"0 \r\n\r\n", b"-0\r\n\r\n", b"+0\r\n\r\n",
        b"0x0\r\n\r\n", b"0\n\n", b"0\r\n\n", b"0\n\r\n", b"0\r\r\n\r\n", b"0\r\n\r", b"0\r\n", b"\r\n", b"\r\n\r\n", b"0",
        b"0\r\nX: y\r\n\r\n", b"0\r\nX: y\n\r\n", b"0\r\nX: y\n\n", b"0\r\nX : y\r\n\r\n", b"0\r\nX\r\n\r\n", b"0\r\n X: y\r\n\r\n",
        b"0\r\nX: y\r\n z\r\n\r\n", b"0\r\nX: y\rz\r\n\r\n", b"0\r\nX: \x00\r\n\r\n", b"0\r\n: y\r\n\r\n", b"0\r\nX: \x80\r\n\r\n",
        b"0\r\nContent-Length: 30\r\n\r\n", b"0\r\nTransfer-Encoding: chunked\r\n\r\n", b"0\r\nHost: b\r\n\r\n",
        b"0\r\nConnection: close\r\n\r\n", b"0\r\nX: " + b"y" * 20_000 + b"\r\n\r\n", b"0\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"0\r\n" + HIDDEN, b"0\r\n\r\n\r\n", b"0\r\n\r\n\r\n\r\n", b"0\r\n\r\n\n",
    ]
    for last in lasts:
        yield b"last " + last[:60], request(head, b"5\r\nhello\r\n" + last + HIDDEN)


def injected_bytes():
    """Each odd byte at each place of the fields that frame."""
    for odd in ODD_BYTES:
        for name, value, body in ((b"Content-Length", hidden_length(), HIDDEN), (b"Transfer-Encoding", b"chunked", CHUNKED + HIDDEN)):
            half = len(name) // 2
            for place, field in enumerate((
                odd + name + b": " + value, name[:half] + odd + name[half:] + b": " + value, name + odd + b": " + value,
                name + b":" + odd + value, name + b": " + value + odd, b"X: y" + odd + name + b": " + value,
                name + b": " + value + b"\r\n" + odd,
            )):
                yield (odd, place, name), request(field + b"\r\n", body)


def request_lines():
    """Versions, separators, and what comes before the line."""
    for version in (b"HTTP/1.1", b"HTTP/1.0", b"HTTP/0.9", b"HTTP/1.2", b"HTTP/1.9", b"HTTP/2.0", b"HTTP/3", b"HTTP/1.01",
                    b"HTTP/01.1", b"HTTP/1.10", b"http/1.1", b"HTTP/1.1 ", b"HTTP/1.1\t", b"HTTP /1.1", b"HTTP/ 1.1", b"HTTP/1",
                    b"HTTP/11", b"HTTP/1,1", b"HTTP/-1.1", b"HTTP/+1.1", b"HTTP/1.1x", b"HTTP/1.1\x00", b"ICY/1.1", b"", b"HTTP"):
        yield version, request(b"", b"", line=b"GET /@first " + version)
        yield version + b" with content", request(b"Content-Length: %LENGTH%\r\n", HIDDEN, line=b"POST /@first " + version)
    for line in (b"GET  /@first HTTP/1.1", b"GET /@first  HTTP/1.1", b"GET\t/@first HTTP/1.1", b"GET /@first\tHTTP/1.1",
                 b" GET /@first HTTP/1.1", b"\tGET /@first HTTP/1.1", b"GET\x0b/@first HTTP/1.1", b"GET /@first\x0cHTTP/1.1",
                 b"GET\x00 /@first HTTP/1.1", b"GET /@first\x00 HTTP/1.1", b"GET /@first", b"GET", b"", b"/@first HTTP/1.1",
                 b"G(T /@first HTTP/1.1", b"G@T /@first HTTP/1.1", b"G\xc3\x84T /@first HTTP/1.1", b"GET:/@first HTTP/1.1",
                 b"GET /@first HTTP/1.1 HTTP/1.0", b"GET /@first /b HTTP/1.1", b"get /@first HTTP/1.1", b"Get /@first HTTP/1.1",
                 b"GET /@first HTTP/1.1\r", b"GET /@first HTTP/1.1\r\r", b"GET\r /@first HTTP/1.1", b"GET /@first\r\n HTTP/1.1",
                 b"A" * 9000 + b" /@first HTTP/1.1", b"GET /@first?" + b"a" * 9000 + b" HTTP/1.1", b"QUIT", b"PRI * HTTP/2.0"):
        yield line[:60], request(b"", b"", line=line)
    for before in (b"\r\n", b"\r\n\r\n", b"\r\n\r\n\r\n\r\n", b"\n", b"\n\n", b"\r", b"\r\r", b"\x00", b" \r\n", b"\r\n ", b"\xef\xbb\xbf", b"0\r\n\r\n"):
        yield b"before " + before, before + request(b"", b"", line=b"GET /@first HTTP/1.1")
        yield b"between " + before, request(b"Content-Length: 2\r\n", b"ab" + before)


def targets():
    """The forms of a target, and paths that mean another one to somebody."""
    for target in (b"*", b"a:80", b"http://a/@first", b"http://b/@first", b"HTTP://a/@first", b"https://a/@first", b"http://a:80/@first",
                   b"http://x@a/@first", b"http:/@first", b"http:///@first", b"ftp://a/@first", b"//b/@first", b"///@first",
                   b"http://a", b"http://a?x", b"/@first?a=b", b"/@first?a?b", b"/@first#a", b"/@first?a#b", b"@first", b"\\@first",
                   b"/x\\@first", b"/x/../@first", b"/x/./@first", b"/x/%2e%2e/@first", b"/x/%2E./@first", b"/x/..%2f@first", b"/%2f@first",
                   b"/x%5c..%5c@first", b"/@first%00", b"/@first\x00", b"/@first\x7f", b"/@first\x80", b"/@first%ff", b"/@first%c3%a4",
                   b"/@first%c0%ae", b"/@first%zz", b"/@first%", b"/@first%2", b"/@first;a=b", b"/@first a", b"/@first\ta", b"/@first\ra",
                   b"/@first\na", b'/@first"', b"/@first<>", b"/@first^`{|}", b"/@first%25%32%66", b"/@first%252f", b"/@first//b", b"/@first/",
                   b"/@first/..", b"/@first/.", b"/@first/..;/b", b"/@first/%20", b"/@first%0d%0aX:%20y", b"/%40first", b"/@first[]", b"/@first,b",
                   b"http://a/x/../@first", b"http://[::1]/@first", b"http://[::1/@first", b"http://a:b/@first", b"http://a,b/@first"):
        yield target, request(b"", b"", line=b"GET " + target + b" HTTP/1.1")
        yield b"OPTIONS " + target, request(b"", b"", line=b"OPTIONS " + target + b" HTTP/1.1")
    yield "CONNECT", request(b"Content-Length: %LENGTH%\r\n", HIDDEN, line=b"CONNECT a:80 HTTP/1.1")


def hosts():
    """Host, repeated, missing or no host at all."""
    for host in (b"", b"Host:\r\n", b"Host: \r\n", b"Host: a\r\nHost: a\r\n", b"Host: a\r\nHost: b\r\n", b"Host: a,b\r\n", b"Host: a b\r\n",
                 b"Host: a\r\n b\r\n", b"Host : a\r\n", b"Host: a:80\r\n", b"Host: a:b\r\n", b"Host: a:\r\n", b"Host: :80\r\n", b"Host: a@b\r\n",
                 b"Host: a/b\r\n", b"Host: a?b\r\n", b"Host: a#b\r\n", b"Host: [::1]\r\n", b"Host: [::1\r\n", b"Host: a\\b\r\n", b"Host: \x80\r\n",
                 b"Host: a\x00b\r\n", b"Host: a\tb\r\n", b"Host: http://a\r\n", b"Host: a:80:80\r\n", b"Host: a:99999\r\n", b"Host: %41\r\n",
                 b"host: a\r\n", b"HOST:a\r\n", b"Host: a.\r\n", b"Host: ..\r\n", b"Host: a;b\r\n", b"Host: *\r\n", b"X: y\r\nHost: a\r\n"):
        for version in (b"HTTP/1.1", b"HTTP/1.0"):
            yield version + host, request(b"", b"", line=b"GET /@first " + version, host=host)


def header_blocks():
    """Line ends, folding, and fields that are none."""
    for end in (b"\r\n", b"\n", b"\r", b"\r\r\n", b"\n\r", b"\r\n\x00", b"\x0b\r\n", b" \r\n"):
        yield b"all lines end with " + end, end.join([b"GET /@first HTTP/1.1", b"Host: a", b"X: y", b"", b""])
        yield b"one line ends with " + end, b"GET /@first HTTP/1.1\r\nX: y" + end + b"Host: a\r\n\r\n"
        yield b"the block ends with " + end, b"GET /@first HTTP/1.1\r\nHost: a\r\n" + end
        yield b"the block ends with both, " + end, b"GET /@first HTTP/1.1\r\nHost: a" + end + end
    for field in (b"X", b":", b": y", b"X y: z", b"X: y\r\n z", b"X: y\r\n\tz", b" X: y", b"X:y:z", b"X\t: y", b"X: \x00", b"X: \x01", b"X: \x7f",
                  b"X: \x80\xff", b"X: y\rz", b"X: y\nz", b"\x80: y", b"X{}: y", b'"X": y', b"X:", b"X: " + b"y" * 9000, b"X: " + b"y" * 40_000,
                  b"\r\n".join(b"X%d: y" % number for number in range(150)), b"=X: y", b"X=y", b"GET /@hidden HTTP/1.1", b"X: y\r\n\x20", b"X: y\r\n\t"):
        yield field[:60], request(field + b"\r\n", b"", line=b"GET /@first HTTP/1.1")
        yield field[:60] + b" with content", request(field + b"\r\nContent-Length: %LENGTH%\r\n", HIDDEN)


def options():
    """Connection, Expect, Upgrade, and what a proxy takes away."""
    for value in (b"close", b"keep-alive", b"Close", b"close, keep-alive", b"keep-alive, close", b"close;a", b"x close", b"", b",", b",close,",
                  b"Content-Length", b"close, Content-Length", b"Transfer-Encoding", b"Host", b"X", b"Connection", b"upgrade", b"\x80",
                  b"close\x00", b'"close"', b"keep-alive, Transfer-Encoding, Content-Length"):
        yield value, request(b"Connection: " + value + b"\r\nContent-Length: %LENGTH%\r\n", HIDDEN)
        yield b"chunked " + value, request(b"Connection: " + value + b"\r\nTransfer-Encoding: chunked\r\n", CHUNKED + HIDDEN)
        yield b"1.0 " + value, request(b"Connection: " + value + b"\r\nContent-Length: %LENGTH%\r\n", HIDDEN, line=b"POST /@first HTTP/1.0")
    for value in (b"100-continue", b"100-Continue", b" 100-continue ", b"100-continue, x", b"100", b"x", b"", b"100-continue\x00", b"200-ok"):
        yield b"Expect " + value, request(b"Expect: " + value + b"\r\nContent-Length: %LENGTH%\r\n", HIDDEN)
        yield b"Expect without content " + value, request(b"Expect: " + value + b"\r\n", b"", line=b"GET /@first HTTP/1.1")
        yield b"Expect chunked " + value, request(b"Expect: " + value + b"\r\nTransfer-Encoding: chunked\r\n", CHUNKED + HIDDEN)
    for upgrade in (b"h2c", b"websocket", b"TLS/1.0", b"HTTP/2.0", b"h2c, websocket", b""):
        settings = b"HTTP2-Settings: AAMAAABkAAQAAP__\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        field = b"Upgrade: " + upgrade + b"\r\n" + settings
        for connection in (b"Connection: Upgrade, HTTP2-Settings\r\n", b"Connection: upgrade\r\n", b""):
            yield upgrade + connection, request(connection + field, b"", line=b"GET /@first HTTP/1.1")
            yield upgrade + connection + b"content", request(connection + field + b"Content-Length: %LENGTH%\r\n", HIDDEN)
            yield upgrade + connection + b"greeting", request(
                connection + field, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", line=b"GET /@first HTTP/1.1")
    for field in (b"TE: trailers", b"Trailer: Content-Length", b"Keep-Alive: max=1", b"Proxy-Connection: close", b"X-HTTP-Method-Override: PUT",
                  b"Content-Encoding: gzip", b"Content-Transfer-Encoding: chunked", b"Range: bytes=0-1", b"Max-Forwards: 0",
                  b"X-Forwarded-For: 1.2.3.4", b"Forwarded: for=\"[::1]\""):
        yield field, request(field + b"\r\nContent-Length: %LENGTH%\r\n", HIDDEN)


def sequences():
    """Several requests in a row."""
    get = b"GET /@first HTTP/1.1\r\nHost: a\r\n\r\n"
    yield "two", get + HIDDEN
    yield "fifty", get * 50 + HIDDEN
    yield "content and none", request(b"Content-Length: 3\r\n", b"abc") + get + HIDDEN
    yield "chunks and none", request(b"Transfer-Encoding: chunked\r\n", CHUNKED) + get + HIDDEN
    yield "chunks twice", request(b"Transfer-Encoding: chunked\r\n", CHUNKED) * 2 + HIDDEN
    yield "HEAD with content", request(b"Content-Length: 3\r\n", b"abc", line=b"HEAD /@first HTTP/1.1") + HIDDEN
    yield "too long", request(b"Content-Length: 70000\r\n", b"a" * 70_000) + HIDDEN
    yield "too many chunks", request(b"Transfer-Encoding: chunked\r\n", b"1000\r\n" + b"a" * 4096 + b"\r\n" + b"0\r\n\r\n") + HIDDEN
    yield "one byte too few", request(b"Content-Length: 4\r\n", b"abc") + HIDDEN
    yield "one byte too many", request(b"Content-Length: 2\r\n", b"abc") + HIDDEN
    yield "a line end too many", request(b"Content-Length: 3\r\n", b"abc\r\n") + HIDDEN
    yield "close in between", request(b"Connection: close\r\nContent-Length: 3\r\n", b"abc") + HIDDEN
