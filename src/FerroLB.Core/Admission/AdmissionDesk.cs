using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text.Json;
using FerroLB.Core.Config;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Admission;

/// <summary>
/// Answers the reviews that the API server asks for before it stores an object of the configuration, and the conversions between versions
/// of BGPPeer. Everything is a function of the request's bytes and of what exists now.
///
/// A review takes this way: the object takes the place of its namesake among those that exist, the configuration is built as the
/// controller would build it next (<see cref="ConfigBuilder"/>), and the write is denied when the object is rejected, or when it makes
/// another object be rejected that is in order now. So admission and reconciling know the same rules and use the same words. Two things
/// pass: references to objects that do not exist, because those may come later, and whatever was wrong with other objects before.
///
/// Besides, objects of the configuration may only be created in FerroLB's namespace, since nowhere else would they count, and a BFDProfile
/// cannot be deleted while a peer names it. An object that is being deleted is never held back.
/// </summary>
public static class AdmissionDesk
{
    /// <summary>The path of conversions between versions of BGPPeer.</summary>
    public const string ConversionPath = "/convert";

    private const int Forbidden = 403;
    private const int BadRequest = 400;

    /// <summary>Whether there is anything to ask at a path.</summary>
    public static bool Serves(string path) => path == ConversionPath || AdmissionKind.Find(path) is not null;

    /// <summary>Answers a POST. Never throws, whatever the bytes.</summary>
    /// <param name="path">The path of the URL, such as /validate-metallb-io-v1beta1-ipaddresspool.</param>
    /// <param name="body">An AdmissionReview of admission.k8s.io/v1, or a ConversionReview of apiextensions.k8s.io.</param>
    /// <param name="context">
    /// What exists; null while that is not known yet. Conversions do not need it; reviews are answered with 503 then, so that the API
    /// server's failure policy decides.
    /// </param>
    public static AdmissionAnswer Answer(string path, ReadOnlyMemory<byte> body, AdmissionContext? context)
    {
        if (path == ConversionPath)
            return ConversionDesk.Answer(body);
        if (AdmissionKind.Find(path) is not { } kind)
            return AdmissionAnswer.Failed(404, $"No webhook is served at {path}.");
        if (!KubeJson.TryParse(body, out var document, out var problem))
            return AdmissionAnswer.Failed(BadRequest, $"The review cannot be read: {problem}.");
        using (document)
            return Answer(kind, document!.RootElement, context);
    }

    private static AdmissionAnswer Answer(AdmissionKind kind, JsonElement review, AdmissionContext? context)
    {
        AdmissionRequest? request;
        string problem;
        try
        {
            request = AdmissionRequest.Read(review, new StringTable(), out problem);
        }
        catch (InvalidOperationException)
        {
            return AdmissionAnswer.Failed(BadRequest, "The review cannot be read: it holds a string that is not valid Unicode.");
        }
        if (request is null)
            return AdmissionAnswer.Failed(BadRequest, $"The review cannot be read: {problem}.");
        if (context is null)
            return AdmissionAnswer.Failed(503, "The configuration has not been read yet; ask again in a moment.");
        return Judge(kind, request, context).ToAnswer(request.Uid);
    }

    private static AdmissionVerdict Judge(AdmissionKind kind, AdmissionRequest request, AdmissionContext context)
    {
        if (request.SubResource.Length > 0)
            return AdmissionVerdict.Allowed;
        return request.Operation switch
        {
            "CREATE" when request.Namespace != context.Namespace => AdmissionVerdict.Denied(Forbidden, Misplaced(kind, request, context)),
            "CREATE" or "UPDATE" => JudgeWrite(kind, request, context),
            "DELETE" when kind.Resource == KubeResource.BfdProfiles => JudgeProfileDeletion(request, context),
            _ => AdmissionVerdict.Allowed,
        };
    }

    private static string Misplaced(AdmissionKind kind, AdmissionRequest request, AdmissionContext context) =>
        $"{kind.Resource.Kind} {new ObjectKey(request.Namespace, request.Name)}: metadata.namespace \"{request.Namespace}\" is not " +
        $"FerroLB's namespace, and the object would have no effect there. Create it in namespace \"{context.Namespace}\".";

    private static AdmissionVerdict JudgeWrite(AdmissionKind kind, AdmissionRequest request, AdmissionContext context)
    {
        var item = kind.Place(request.Object, context.Present, out var changed, out var problem);
        if (item is null)
            return AdmissionVerdict.Denied(BadRequest, $"The {kind.Resource.Kind} cannot be read: {problem}.");
        if (item.Metadata.DeletionTimestamp is not null)
            return AdmissionVerdict.Allowed;
        if (item.Key.Namespace != context.Namespace)
            return AdmissionVerdict.AllowedWith(
                $"the object has no effect, because it is not in FerroLB's namespace \"{context.Namespace}\"");
        var faults = Faults(kind.Resource.Kind, item.Key, changed, context.InForce);
        if (faults.Count > 0)
            return AdmissionVerdict.Denied(Forbidden, string.Join(' ', faults.Select(fault => fault.Complaint)));
        return AdmissionVerdict.AllowedWith([.. Warnings(item)]);
    }

    private static List<ConfigRejection> Faults(string kind, ObjectKey key, ConfigSources changed, ConfigResult inForce)
    {
        var after = ConfigBuilder.Build(changed, inForce).Rejections.Where(rejection => !rejection.IsMissingReference).ToList();
        var own = after.Where(rejection => rejection.Kind == kind && rejection.Object == key).ToList();
        if (own.Count > 0)
            return own;
        var faultyBefore = inForce.Rejections.Select(rejection => (rejection.Kind, rejection.Object)).ToHashSet();
        return [.. after.Where(rejection => !faultyBefore.Contains((rejection.Kind, rejection.Object)))];
    }

    private static ImmutableArray<string> Warnings(KubeObject item) =>
        item is BgpPeer { Spec.DisableMP: true } ? ["spec.disableMP is deprecated and has no effect"] : [];

    private static AdmissionVerdict JudgeProfileDeletion(AdmissionRequest request, AdmissionContext context)
    {
        var users = context.Present.BgpPeers
            .Where(peer => request.Namespace == context.Namespace && peer.Spec?.BfdProfile == request.Name)
            .Select(peer => peer.Key.Name).Order(StringComparer.Ordinal).ToList();
        return users.Count == 0
            ? AdmissionVerdict.Allowed
            : AdmissionVerdict.Denied(
                Forbidden,
                $"BFDProfile {new ObjectKey(request.Namespace, request.Name)}: the profile is used by BGPPeer \"{users[0]}\"" +
                $"{(users.Count == 1 ? "" : $" and {users.Count - 1} more")}. Remove spec.bfdProfile from the peer first.");
    }
}
