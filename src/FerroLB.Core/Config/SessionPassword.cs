using System;

namespace FerroLB.Core.Config;

/// <summary>
/// The key of TCP-MD5 signatures (RFC 2385) for a session. Its text shows nowhere: not in <see cref="ToString"/>, not in a rejection, not
/// in a log. It is not even kept where Secrets are not read, as in the controller.
/// </summary>
public sealed class SessionPassword : IEquatable<SessionPassword>
{
    /// <summary>The longest key that Linux takes, in bytes of UTF-8.</summary>
    public const int LongestBytes = 80;

    private readonly string? _text;

    private SessionPassword(string? secretName, string? text) => (SecretName, _text) = (secretName, text);

    /// <summary>The Secret that holds the text; null when it stands in the peer itself.</summary>
    public string? SecretName { get; }

    /// <summary>Whether the text is known here.</summary>
    public bool IsKnown => _text is not null;

    /// <summary>A password that stands in the peer; null text where passwords are not kept.</summary>
    public static SessionPassword Inline(string? text) => new(null, text);

    /// <summary>A password out of a Secret; null text where Secrets are not read.</summary>
    public static SessionPassword FromSecret(string name, string? text) => new(name, text);

    /// <summary>The text, for the one who opens the socket. Only where <see cref="IsKnown"/>.</summary>
    public string Reveal() => _text ?? throw new InvalidOperationException("The password is not known here");

    /// <inheritdoc/>
    public bool Equals(SessionPassword? other) => other is not null && SecretName == other.SecretName && _text == other._text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SessionPassword);

    /// <inheritdoc/>
    public override int GetHashCode() => SecretName?.Length ?? 0;

    /// <summary>Where the password comes from, never what it is.</summary>
    public override string ToString() => SecretName is null ? "(in the peer)" : $"(in Secret {SecretName})";
}
