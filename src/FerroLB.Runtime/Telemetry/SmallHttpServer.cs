using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace FerroLB.Runtime.Telemetry;

/// <summary>
/// A web server for pages without parameters: GET and HEAD of a path over HTTP/1.1, plain or with TLS. The framework's own server would
/// cost an idle speaker several megabytes for what is here a page of code.
/// <para>
/// Each connection is one asynchronous loop: handshake, read a request head, answer, and again. Bounds: <see cref="MostConnections"/>
/// connections, further ones are closed at once; <see cref="MostHeadBytes"/> of request head; <see cref="StepDeadline"/> for the
/// handshake, for a head once its first byte is there and for an answer; <see cref="IdleDeadline"/> between requests. Requests with a body
/// are refused.
/// </para>
/// </summary>
internal sealed class SmallHttpServer : IAsyncDisposable
{
    /// <summary>Most connections at a time.</summary>
    public const int MostConnections = 64;

    /// <summary>Most bytes of a request's first line and headers.</summary>
    public const int MostHeadBytes = 8 << 10;

    /// <summary>For each step of an exchange.</summary>
    public static readonly TimeSpan StepDeadline = TimeSpan.FromSeconds(10);

    /// <summary>For the next request on an open connection.</summary>
    public static readonly TimeSpan IdleDeadline = TimeSpan.FromSeconds(120);

    private readonly Socket _listener;
    private readonly Func<SslServerAuthenticationOptions>? _tls;
    private readonly Func<SmallHttpRequest, CancellationToken, ValueTask<SmallHttpAnswer>> _answer;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, bool> _connections = new();
    private readonly Task _accepting;
    private int _openCount;

    private SmallHttpServer(
        Socket listener,
        Func<SslServerAuthenticationOptions>? tls,
        Func<SmallHttpRequest, CancellationToken, ValueTask<SmallHttpAnswer>> answer)
    {
        (_listener, _tls, _answer) = (listener, tls, answer);
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Starts listening.</summary>
    /// <param name="address">The address; <see cref="IPAddress.Any"/> stands for all of both families.</param>
    /// <param name="port">The port.</param>
    /// <param name="tls">Gives the terms of a handshake; null speaks plain HTTP.</param>
    /// <param name="answer">Answers a request.</param>
    /// <exception cref="IOException">The port is taken, or the address is not this machine's.</exception>
    public static SmallHttpServer Start(
        IPAddress address,
        int port,
        Func<SslServerAuthenticationOptions>? tls,
        Func<SmallHttpRequest, CancellationToken, ValueTask<SmallHttpAnswer>> answer)
    {
        var isAny = IPAddress.Any.Equals(address);
        try
        {
            return new(Listen(isAny && Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : address, port), tls, answer);
        }
        catch (SocketException e)
        {
            throw new IOException($"Port {port.ToString(CultureInfo.InvariantCulture)} of {address} cannot be used: {e.Message}.", e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        await Task.WhenAll(_connections.Keys).ConfigureAwait(false);
        _stop.Dispose();
    }

    private static Socket Listen(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (IPAddress.IPv6Any.Equals(address))
                socket.DualMode = true;
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(128);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
                if (Interlocked.Increment(ref _openCount) > MostConnections)
                {
                    Interlocked.Decrement(ref _openCount);
                    socket.Dispose();
                    continue;
                }
                var connection = Task.Run(() => ServeAsync(socket));
                _connections[connection] = true;
                _ = connection.ContinueWith(done => _connections.TryRemove(done, out _), TaskScheduler.Default);
            }
            catch (SocketException)
            {
                // Out of descriptors, or the client was gone already: a moment later it may work again.
                await Task.Delay(100, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            var stream = new NetworkStream(socket, ownsSocket: true);
            await using var _ = stream.ConfigureAwait(false);
            if (_tls is null)
            {
                await ServeAsync(stream, deadline).ConfigureAwait(false);
                return;
            }
            var secured = new SslStream(stream);
            await using var __ = secured.ConfigureAwait(false);
            deadline.CancelAfter(StepDeadline);
            await secured.AuthenticateAsServerAsync(_tls(), deadline.Token).ConfigureAwait(false);
            await ServeAsync(secured, deadline).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or OperationCanceledException)
        {
            // The client went away, spoke no TLS, or was too slow: the connection ends, and that is all it is told.
        }
        finally
        {
            socket.Dispose();
            Interlocked.Decrement(ref _openCount);
        }
    }

    private async Task ServeAsync(Stream stream, CancellationTokenSource deadline)
    {
        var buffer = new byte[MostHeadBytes];
        var filled = 0;
        while (true)
        {
            var headLength = 0;
            while ((headLength = SmallHttpRequest.HeadLength(buffer.AsSpan(0, filled))) == 0 && filled < buffer.Length)
            {
                deadline.CancelAfter(filled == 0 ? IdleDeadline : StepDeadline);
                var count = await stream.ReadAsync(buffer.AsMemory(filled), deadline.Token).ConfigureAwait(false);
                if (count == 0)
                    return;
                filled += count;
            }
            deadline.CancelAfter(StepDeadline);
            var request = SmallHttpRequest.Parse(buffer.AsSpan(0, headLength), out var refusal);
            var answer = refusal ?? (request!.Method is "GET" or "HEAD"
                ? await _answer(request, deadline.Token).ConfigureAwait(false)
                : new(405, "only GET and HEAD are answered here\n"));
            var isLast = request is null || !request.KeepsAlive;
            await stream.WriteAsync(answer.Write(isLast, withBody: request?.Method != "HEAD"), deadline.Token).ConfigureAwait(false);
            if (isLast)
                return;
            filled -= headLength;
            buffer.AsSpan(headLength, filled).CopyTo(buffer);
        }
    }
}

/// <summary>The head of a request.</summary>
/// <param name="Method">GET, for example.</param>
/// <param name="Path">The path, without a query.</param>
/// <param name="Authorization">The header of this name; null when there is none.</param>
/// <param name="KeepsAlive">Whether the client wants to ask more on this connection.</param>
internal sealed record SmallHttpRequest(string Method, string Path, string? Authorization, bool KeepsAlive)
{
    /// <summary>The bytes up to and with the empty line; 0 while it is not there.</summary>
    public static int HeadLength(ReadOnlySpan<byte> bytes) => bytes.IndexOf("\r\n\r\n"u8) is var at and >= 0 ? at + 4 : 0;

    /// <summary>Reads a head; null with the answer to give when it cannot be served.</summary>
    public static SmallHttpRequest? Parse(ReadOnlySpan<byte> head, out SmallHttpAnswer? refusal)
    {
        refusal = null;
        if (head.IsEmpty)
            return Refuse(out refusal, 431, "the request's head is longer than 8 KiB\n");
        if (head.IndexOfAnyExceptInRange((byte)0x09, (byte)0x7E) >= 0)
            return Refuse(out refusal, 400, "the request's head holds bytes that are not printable ASCII\n");
        var lines = Encoding.ASCII.GetString(head).Split("\r\n");
        var words = lines[0].Split(' ');
        if (words is not [var method, ['/', ..] target, "HTTP/1.1" or "HTTP/1.0"])
            return Refuse(out refusal, 400, "the first line is no request of HTTP/1.1\n");
        var headers = ReadHeaders(lines.AsSpan(1));
        if (headers is null)
            return Refuse(out refusal, 400, "a header line has no name\n");
        if (headers.ContainsKey("transfer-encoding") || headers.GetValueOrDefault("content-length", "0") != "0")
            return Refuse(out refusal, 413, "requests with a body are not answered here\n");
        var connection = headers.GetValueOrDefault("connection", "");
        var keepsAlive = words[2] == "HTTP/1.1" && !connection.Contains("close", StringComparison.OrdinalIgnoreCase);
        return new(method, target.Split('?', 2)[0], headers.GetValueOrDefault("authorization"), keepsAlive);
    }

    private static Dictionary<string, string>? ReadHeaders(ReadOnlySpan<string> lines)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines)
        {
            if (line.Length == 0)
                continue;
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || line[0] is ' ' or '\t' || line[colon - 1] is ' ' or '\t')
                return null;
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }
        return headers;
    }

    private static SmallHttpRequest? Refuse(out SmallHttpAnswer? refusal, int statusCode, string words)
    {
        refusal = new(statusCode, words);
        return null;
    }
}

/// <summary>An answer.</summary>
/// <param name="StatusCode">HTTP status.</param>
/// <param name="Body">A text.</param>
internal sealed record SmallHttpAnswer(int StatusCode, string Body)
{
    /// <summary>The type of the text.</summary>
    public string ContentType { get; init; } = "text/plain; charset=utf-8";

    /// <summary>The answer as bytes.</summary>
    public byte[] Write(bool isLast, bool withBody)
    {
        var body = Encoding.UTF8.GetBytes(Body);
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {StatusCode} {Phrase(StatusCode)}\r\n");
        head.Append(CultureInfo.InvariantCulture, $"Content-Type: {ContentType}\r\nContent-Length: {body.Length}\r\n");
        if (StatusCode == 401)
            head.Append("WWW-Authenticate: Bearer\r\n");
        if (isLast)
            head.Append("Connection: close\r\n");
        var start = Encoding.ASCII.GetBytes(head.Append("\r\n").ToString());
        return withBody ? [.. start, .. body] : start;
    }

    private static string Phrase(int statusCode) => statusCode switch
    {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    };
}
