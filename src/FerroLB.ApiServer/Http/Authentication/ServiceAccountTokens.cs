using System;
using System.Buffers.Text;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store;

namespace FerroLB.ApiServer.Http.Authentication;

/// <summary>
/// Tokens of ServiceAccounts: JSON Web Tokens (RFC 7519) with the claims that Kubernetes writes, signed with HMAC-SHA256 by a key of this
/// server. Whether the account still exists is asked elsewhere.
/// </summary>
internal sealed class ServiceAccountTokens
{
    private const string Prefix = "system:serviceaccount:";
    private const string Claims = "kubernetes.io";
    private static readonly string Header = Encode("""{"alg":"HS256","typ":"JWT"}"""u8);
    private readonly byte[] _key;

    /// <summary>Signs and verifies with a key.</summary>
    public ServiceAccountTokens(byte[] key) => _key = key;

    /// <summary>Fills the token into the answer to a TokenRequest.</summary>
    public ReadOnlyMemory<byte> Complete(ReadOnlyMemory<byte> tokenRequest, DateTimeOffset now)
    {
        JsonNode request = JsonNode.Parse(tokenRequest.Span)!;
        JsonNode metadata = request["metadata"]!;
        (string space, string name) = ((string)metadata["namespace"]!, (string)metadata["name"]!);
        DateTimeOffset ends = now + TimeSpan.FromSeconds((long)request["spec"]!["expirationSeconds"]!);
        var claims = new JsonObject
        {
            ["aud"] = request["spec"]!["audiences"]!.DeepClone(),
            ["exp"] = ends.ToUnixTimeSeconds(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["iss"] = "https://kubernetes.default.svc.cluster.local",
            ["jti"] = Guid.NewGuid().ToString(),
            [Claims] = new JsonObject
            {
                ["namespace"] = space,
                ["serviceaccount"] = new JsonObject { ["name"] = name, ["uid"] = metadata["uid"]!.DeepClone() },
            },
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["sub"] = $"{Prefix}{space}:{name}",
        };
        string content = $"{Header}.{Encode(JsonBytes.Of(claims))}";
        request["status"]!["token"] = $"{content}.{Sign(content)}";
        metadata.AsObject().Remove("uid");
        return JsonBytes.Of(request);
    }

    /// <summary>Whose a token is, as far as signature and time tell; null when it is not good.</summary>
    public (ApiIdentity Identity, string Namespace, string Name)? Verify(string token, DateTimeOffset now)
    {
        int end = token.LastIndexOf('.');
        if (end < 0 || !token.StartsWith(Header + ".", StringComparison.Ordinal))
            return null;
        byte[] expected = Encoding.ASCII.GetBytes(Sign(token[..end]));
        if (!CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(token[(end + 1)..])))
            return null;
        JsonNode claims = JsonNode.Parse(Base64Url.DecodeFromChars(token.AsSpan(Header.Length + 1, end - Header.Length - 1)))!;
        if ((long)claims["exp"]! <= now.ToUnixTimeSeconds())
            return null;
        JsonNode account = claims[Claims]!["serviceaccount"]!;
        (string space, string name) = ((string)claims[Claims]!["namespace"]!, (string)account["name"]!);
        ImmutableArray<string> groups = ["system:serviceaccounts", "system:serviceaccounts:" + space, "system:authenticated"];
        IEnumerable<string> audiences = claims["aud"]!.AsArray().Select(audience => (string)audience!);
        return (new ApiIdentity($"{Prefix}{space}:{name}", (string)account["uid"]!, groups, [.. audiences]), space, name);
    }

    private string Sign(string content) => Encode(HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(content)));

    private static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);
}
