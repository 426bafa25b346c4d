using System;
using System.Collections.Generic;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.ApiServer.Store;

namespace FerroLB.ApiServer.Http.Authentication;

/// <summary>
/// Whose a bearer token is: the administrator's, one of the token file's, or one that was made for a ServiceAccount, as long as that
/// account exists.
/// </summary>
internal sealed class Authenticator
{
    private const string Scheme = "Bearer ";
    private static readonly ApiIdentity Administrator =
        new("kubernetes-admin", "", ["system:masters", "system:authenticated"], []);

    private readonly byte[] _administrator;
    private readonly SortedDictionary<string, ApiIdentity> _file = new(StringComparer.Ordinal);
    private readonly StoreLoop _loop;

    /// <summary>Makes an authenticator.</summary>
    /// <param name="administratorToken">The token that may do everything.</param>
    /// <param name="file">The tokens of the token file.</param>
    /// <param name="accounts">The tokens of ServiceAccounts.</param>
    /// <param name="loop">Tells whether an account exists.</param>
    public Authenticator(
        string administratorToken, IEnumerable<(string Token, ApiIdentity Identity)> file, ServiceAccountTokens accounts, StoreLoop loop)
    {
        _administrator = Encoding.UTF8.GetBytes(administratorToken);
        Accounts = accounts;
        _loop = loop;
        foreach ((string token, ApiIdentity identity) in file)
            _file[Fingerprint(token)] = identity;
    }

    /// <summary>The tokens of ServiceAccounts.</summary>
    public ServiceAccountTokens Accounts { get; }

    /// <summary>Who sent a request with this Authorization header; null when nobody is known by it.</summary>
    public ValueTask<ApiIdentity?> RecogniseHeaderAsync(string header, CancellationToken cancellation) =>
        header.StartsWith(Scheme, StringComparison.Ordinal) ? RecogniseAsync(header[Scheme.Length..],
            cancellation) : new((ApiIdentity?)null);

    /// <summary>Whose a token is; null when it is nobody's.</summary>
    public ValueTask<ApiIdentity?> RecogniseAsync(string token, CancellationToken cancellation)
    {
        if (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), _administrator))
            return new(Administrator);
        // By fingerprint, because comparing the tokens themselves would tell by its duration how much of one is right.
        if (_file.TryGetValue(Fingerprint(token), out ApiIdentity? known))
            return new(known);
        return token.Contains('.', StringComparison.Ordinal) ? new(RecogniseAccountAsync(token, cancellation)) : new((ApiIdentity?)null);
    }

    private async Task<ApiIdentity?> RecogniseAccountAsync(string token, CancellationToken cancellation)
    {
        try
        {
            if (Accounts.Verify(token, DateTimeOffset.UtcNow) is not { } found)
                return null;
            ApiResponse account = await _loop.HandleAsync(AccountRequest(found.Namespace, found.Name), cancellation).ConfigureAwait(false);
            bool exists = account.StatusCode == 200
                && (string?)JsonNode.Parse(account.Body.Span)?["metadata"]?["uid"] == found.Identity.Uid;
            return exists ? found.Identity : null;
        }
        catch (Exception foreign) when (foreign is FormatException or JsonException or InvalidOperationException or NullReferenceException)
        {
            return null;
        }
    }

    private static ApiRequest AccountRequest(string @namespace, string name) => new()
    {
        Verb = ApiVerb.Get, Resource = "serviceaccounts", Namespace = @namespace, Name = name,
        User = Administrator.Name, UserGroups = Administrator.Groups,
    };

    private static string Fingerprint(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
