using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

namespace FerroLB.Core.Certificates;

/// <summary>
/// A `caBundle`: the authorities that the API server believes when it calls the webhook. Each is kept as the base64 of its DER form, so
/// that two ways to write the same certificate are equal.
/// </summary>
/// <param name="Authorities">The authorities, in the order written.</param>
/// <param name="HasJunk">Whether there is text that is no certificate.</param>
public sealed record TrustBundle(IReadOnlyList<string> Authorities, bool HasJunk)
{
    /// <summary>How authorities that FerroLB and MetalLB make call themselves.</summary>
    private static readonly string[] OurSubjects = ["CN=cert, O=metallb", "O=metallb, CN=cert"];

    /// <summary>Reads the base64 text of a `caBundle` field; null and "" are an empty one.</summary>
    public static TrustBundle Read(string? field)
    {
        var authorities = new List<string>();
        if (string.IsNullOrEmpty(field))
            return new(authorities, false);
        string text;
        try
        {
            text = Encoding.UTF8.GetString(Convert.FromBase64String(field));
        }
        catch (FormatException)
        {
            return new(authorities, true);
        }
        var hasJunk = false;
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var block))
        {
            hasJunk |= rest[..block.Location.Start].ContainsAnyExcept(" \r\n\t");
            if (rest[block.Label] is "CERTIFICATE" && Canonical(rest[block.Location].ToString()) is { } authority)
                authorities.Add(authority);
            else
                hasJunk = true;
            rest = rest[block.Location.End..];
        }
        return new(authorities, hasJunk || rest.ContainsAnyExcept(" \r\n\t"));
    }

    /// <summary>The canonical form of the first certificate in a PEM text; null when there is none.</summary>
    public static string? Canonical(string pem) =>
        CertificateFacts.Read(pem) is { } facts ? Convert.ToBase64String(facts.Raw) : null;

    /// <summary>Whether an authority is one that FerroLB or MetalLB made, and has not ended.</summary>
    public static bool IsOurs(string authority, DateTimeOffset utc) =>
        CertificateFacts.Read(Pem(authority)) is { IsAuthority: true } facts && OurSubjects.Contains(facts.Subject) &&
        utc <= facts.NotAfter;

    /// <summary>The field's text for these authorities: base64 over PEM.</summary>
    public static string Write(IEnumerable<string> authorities) =>
        Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Concat(authorities.Select(Pem))));

    private static string Pem(string authority) => PemEncoding.WriteString("CERTIFICATE", Convert.FromBase64String(authority)) + "\n";
}
