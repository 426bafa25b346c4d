using System;

namespace FerroLB.ApiServer.Http.Faults;

/// <summary>What goes wrong with one request. The parts may be combined; those about the body count from its first byte.</summary>
public sealed record HttpFault
{
    /// <summary>The HTTP status to answer with instead of serving the request, 400 to 599; null serves it.</summary>
    public int? StatusCode { get; init; }

    /// <summary>The reason in the Status object that goes with <see cref="StatusCode"/>, as in "TooManyRequests" or "Expired".</summary>
    public string Reason { get; init; } = "";

    /// <summary>The message in that Status object.</summary>
    public string Message { get; init; } = "on order of a test";

    /// <summary>What the Retry-After header says, rounded up to whole seconds; null sends none.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>How long to wait before anything is done.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Never answers; ends when the client goes away.</summary>
    public bool NoAnswer { get; init; }

    /// <summary>
    /// The body is served up to this text and <see cref="MarkerOffset"/> bytes into it, and then <see cref="AtMarker"/> happens; null for
    /// no
    /// marker. An offset inside of a letter of several bytes cuts the letter in two.
    /// </summary>
    public string? Marker { get; init; }

    /// <summary>How many bytes of the marker are still sent.</summary>
    public int MarkerOffset { get; init; }

    /// <summary>What happens at the marker.</summary>
    public BodyEnd AtMarker { get; init; }

    /// <summary>The body goes out in pieces of this many bytes; 0 sends it as it comes.</summary>
    public int PieceBytes { get; init; }

    /// <summary>How long to wait between pieces.</summary>
    public TimeSpan PiecePause { get; init; }
}

/// <summary>How a body ends too early.</summary>
public enum BodyEnd
{
    /// <summary>The connection ends, with all that goes on over it.</summary>
    Cut,

    /// <summary>Nothing more comes, and nothing is closed.</summary>
    Hang,

    /// <summary>The response ends in good order, although its content does not.</summary>
    End,
}
