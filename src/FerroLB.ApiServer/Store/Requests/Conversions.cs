using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Calls;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Requests;

/// <summary>
/// Objects in the version that a client speaks. Most kinds differ between versions in name only; those with a conversion webhook are
/// converted by it, many with one call.
/// </summary>
internal static class Conversions
{
    /// <summary>
    /// Sees to it that objects can be shown in the version of the URL; ends the evaluation when a webhook must convert some.
    /// </summary>
    public static void Prepare(RequestScope scope, IReadOnlyList<StoredObject> objects)
    {
        if (scope.Kind.Conversion is null)
            return;
        var missing = new List<StoredObject>();
        foreach (var stored in objects)
        {
            if (!stored.TryShow(scope.Kind, scope.Version, out _))
                missing.Add(stored);
        }
        Require(scope, missing, scope.Version);
    }

    /// <summary>A stored object in a version; never change it.</summary>
    public static JsonObject Show(RequestScope scope, StoredObject stored, string version)
    {
        if (!stored.TryShow(scope.Kind, version, out var shown))
            Require(scope, [stored], version);
        return shown!;
    }

    /// <summary>A tree of one version in another; null as long as a webhook has not been asked, and then the call is noted.</summary>
    public static JsonObject? Convert(RequestScope scope, JsonObject value, string version)
    {
        var kind = scope.Kind;
        if (value.Text("apiVersion") == kind.ApiVersion(version))
            return value;
        if (kind.Conversion is null)
            return kind.FromStorage(value, version);
        var key = $"convert to {version}: {JsonText.ToText(value)}";
        if (scope.Calls.Ask(key, id => ConversionReviews.Call(kind, version, [value], id)) is not { } answer)
            return null;
        return ConversionReviews.Read(kind, version, [value], answer, out var error) is [var converted]
            ? converted
            : throw ApiErrors.Conversion(error);
    }

    /// <summary>
    /// An object as it is to be stored; and, when a webhook converts it, how that looks in the version of the URL afterwards, because
    /// nothing may be left to ask once it is written.
    /// </summary>
    public static (JsonObject Kept, JsonObject? Shown) ForStorage(RequestScope scope, JsonObject value)
    {
        var kind = scope.Kind;
        if (kind.Conversion is null || value.Text("apiVersion") == kind.ApiVersion(kind.StorageVersion))
            return (kind.ToStorage(value), null);
        var kept = Convert(scope, value, kind.StorageVersion);
        scope.Calls.Require();
        var shown = Convert(scope, kept!, scope.Version);
        scope.Calls.Require();
        return (kept!.Copy(), shown!.Copy());
    }

    private static void Require(RequestScope scope, List<StoredObject> missing, string version)
    {
        if (missing.Count == 0)
            return;
        foreach (var stored in missing)
        {
            if (scope.Calls.FailureOf(stored, scope.Kind.ApiVersion(version)) is { } error)
                throw ApiErrors.Conversion(error);
        }
        scope.Calls.Ask(new ConversionBatch(scope.Kind, version, missing, scope.Calls.NewCallId()));
        scope.Calls.Require();
    }
}
