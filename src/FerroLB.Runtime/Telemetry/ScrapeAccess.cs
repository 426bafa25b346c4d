using System;
using System.Collections.Generic;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.Core.Kube;

namespace FerroLB.Runtime.Telemetry;

/// <summary>
/// Decides who may read the metrics, as the cluster says: a TokenReview tells who the bearer of a token is, a SubjectAccessReview whether
/// that one may `get` the URL /metrics. What was said counts for <see cref="Memory"/>; of at most <see cref="MostRemembered"/> tokens, of
/// which only digests are kept. An API server that does not answer means no.
/// </summary>
/// <param name="ask">Asks the API server; its answer has status 0 when none came.</param>
/// <param name="readClock">Milliseconds of a clock that never steps.</param>
internal sealed class ScrapeAccess(Func<KubeRequest, CancellationToken, Task<KubeResponse>> ask, Func<long> readClock)
{
    /// <summary>How many tokens are remembered; the one asked about longest ago is forgotten first.</summary>
    public const int MostRemembered = 128;

    /// <summary>How long a yes or a no counts.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (long Until, SmallHttpAnswer? Refusal)> _known = [];
    private readonly Queue<string> _byAge = new();

    /// <summary>Null when the request may be answered; otherwise the refusal.</summary>
    public async ValueTask<SmallHttpAnswer?> RefuseAsync(SmallHttpRequest request, CancellationToken cancellation)
    {
        if (request.Authorization is not { } header || !header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return new(401, "metrics are for bearers of a token that the cluster knows\n");
        var token = header["Bearer ".Length..].Trim();
        var digest = Convert.ToBase64String(SHA256.HashData(Encoding.ASCII.GetBytes(token + " " + request.Path)));
        lock (_gate)
        {
            if (_known.TryGetValue(digest, out var said) && readClock() < said.Until)
                return said.Refusal;
        }
        var refusal = await AskAsync(token, request.Path, cancellation).ConfigureAwait(false);
        if (refusal is null or { StatusCode: 401 or 403 })
            Remember(digest, refusal);
        return refusal;
    }

    private async Task<SmallHttpAnswer?> AskAsync(string token, string path, CancellationToken cancellation)
    {
        var who = await ask(Review(KubeResource.TokenReviews, AccessReviews.WriteTokenReview(token)), cancellation).ConfigureAwait(false);
        if (!who.IsSuccess)
            return new(503, "the API server does not say whose token this is; ask again later\n");
        if (AccessReviews.ReadUser(who.Body) is not { } user)
            return new(401, "the cluster does not know this token\n");
        var review = AccessReviews.WriteAccessReview(user, path, "get");
        var may = await ask(Review(KubeResource.SubjectAccessReviews, review), cancellation).ConfigureAwait(false);
        if (!may.IsSuccess)
            return new(503, "the API server does not say whether you may read metrics; ask again later\n");
        return AccessReviews.ReadAllowed(may.Body)
            ? null
            : new(403, $"user \"{user.Name}\" may not get {path}; a ClusterRole can allow it\n");
    }

    private void Remember(string digest, SmallHttpAnswer? refusal)
    {
        lock (_gate)
        {
            if (!_known.ContainsKey(digest))
                _byAge.Enqueue(digest);
            _known[digest] = (readClock() + (long)Memory.TotalMilliseconds, refusal);
            if (_known.Count > MostRemembered)
                _known.Remove(_byAge.Dequeue());
        }
    }

    private static KubeRequest Review(KubeResource resource, ReadOnlyMemory<byte> body) =>
        new() { Id = 0, Verb = KubeVerb.Create, Resource = resource, Body = body };
}
