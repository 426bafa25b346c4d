using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Kinds;
using FerroLB.ApiServer.Store.Patches;

namespace FerroLB.ApiServer.Store.State;

/// <summary>
/// How objects go away. An object with finalizers is marked and stays until they are gone; a namespace takes its contents with it; a
/// definition its objects; an owner its dependents, unless they are to be orphaned. What follows from a change is done by
/// <see cref="Settle"/> before the request is
/// answered, so there is no moment at which a client sees half of it for long.
/// </summary>
internal static class Deletions
{
    private const string Foreground = "foregroundDeletion";

    /// <summary>Deletes an object, or marks it when something must happen first.</summary>
    public static void Begin(ObjectStore store, StoredObject live, string policy)
    {
        if (policy == "Orphan")
            Orphan(store, live);
        var finalizers = live.Json.Object("metadata").Array("finalizers").Texts();
        if (policy == "Foreground" && HasDependents(store, live) && !finalizers.Contains(Foreground))
            finalizers.Add(Foreground);
        if (IsNamespace(live) || IsDefinition(live) || finalizers.Count > 0)
            Mark(store, live, finalizers);
        else
            store.Remove(live);
    }

    /// <summary>Does everything that follows from the changes so far, until nothing more does.</summary>
    public static void Settle(ObjectStore store)
    {
        while (store.Unsettled.TryDequeue(out var changed))
        {
            var live = changed.Kind.Table.Find(changed.Namespace, changed.Name);
            if (live is not null && live.Uid == changed.Uid)
                SettleLive(store, live);
            else
                SettleGone(store, changed);
        }
    }

    private static void SettleLive(ObjectStore store, StoredObject live)
    {
        if (!live.IsTerminating)
        {
            Collect(store, live);
            return;
        }
        if (IsNamespace(live))
            EmptyNamespace(store, live);
        if (IsDefinition(live))
            RemoveInstances(store, live);
        var finalizers = live.Json.Object("metadata").Array("finalizers").Texts();
        if (finalizers.Contains(Foreground))
            SettleForeground(store, live, finalizers);
        else if (finalizers.Count == 0 && !HoldsContents(store, live))
            store.Remove(live);
    }

    private static void SettleGone(ObjectStore store, StoredObject gone)
    {
        foreach (var dependent in new List<StoredObject>(store.Dependents(gone.Uid)))
        {
            if (!dependent.IsTerminating)
                Collect(store, dependent);
        }
        foreach (var owner in gone.Json.Object("metadata").Array("ownerReferences") ?? [])
        {
            if (FindOwner(store, owner, gone.Namespace) is { IsTerminating: true } live)
                store.Unsettled.Enqueue(live);
        }
        if (gone.Namespace.Length > 0 && store.Registry.Find("", "namespaces")?.Table.Find("",
            gone.Namespace) is { IsTerminating: true } space)
            store.Unsettled.Enqueue(space);
        if (gone.Kind.IsCustom && FindDefinition(store, gone.Kind) is { IsTerminating: true } definition)
            store.Unsettled.Enqueue(definition);
    }

    private static void Mark(ObjectStore store, StoredObject live, List<string> finalizers)
    {
        if (live.IsTerminating)
            return;
        var json = live.Json.Copy();
        var metadata = json.Ensure("metadata");
        metadata["deletionTimestamp"] = ManagedFields.Rfc3339(store.Now);
        metadata["deletionGracePeriodSeconds"] = 0;
        if (metadata.Integer("generation") is { } generation)
            metadata["generation"] = generation + 1;
        if (finalizers.Count > 0)
            metadata["finalizers"] = JsonTree.ToArray(finalizers);
        if (IsNamespace(live))
            json.Ensure("status")["phase"] = "Terminating";
        store.Put(live.Kind, live, json);
    }

    private static void Orphan(ObjectStore store, StoredObject live)
    {
        foreach (var dependent in new List<StoredObject>(store.Dependents(live.Uid)))
            Disown(store, dependent, owner => owner.Text("uid") == live.Uid);
    }

    private static void Disown(ObjectStore store, StoredObject dependent, Predicate<JsonNode?> isFormer)
    {
        var json = dependent.Json.Copy();
        var kept = new JsonArray();
        foreach (var owner in json.Object("metadata").Array("ownerReferences") ?? [])
        {
            if (!isFormer(owner))
                kept.Add(owner?.DeepClone());
        }
        var metadata = json.Ensure("metadata");
        metadata.Remove("ownerReferences");
        if (kept.Count > 0)
            metadata["ownerReferences"] = kept;
        store.Put(dependent.Kind, dependent, json);
    }

    private static void SettleForeground(ObjectStore store, StoredObject live, List<string> finalizers)
    {
        foreach (var dependent in new List<StoredObject>(store.Dependents(live.Uid)))
        {
            if (dependent.IsTerminating)
                continue;
            if (HasOtherOwner(store, dependent, live.Uid))
                Disown(store, dependent, owner => owner.Text("uid") == live.Uid);
            else
                Begin(store, dependent, "Foreground");
        }
        foreach (var dependent in store.Dependents(live.Uid))
        {
            if (Blocks(dependent, live.Uid))
                return;
        }
        finalizers.Remove(Foreground);
        var json = live.Json.Copy();
        json.Ensure("metadata")["finalizers"] = JsonTree.ToArray(finalizers);
        store.Put(live.Kind, live, json);
    }

    private static void EmptyNamespace(ObjectStore store, StoredObject space)
    {
        foreach (var content in Contents(store, space))
        {
            if (!content.IsTerminating)
                Begin(store, content, "Background");
        }
    }

    private static void RemoveInstances(ObjectStore store, StoredObject definition)
    {
        if (KindOf(store, definition) is not { } kind)
            return;
        foreach (var instance in kind.Table.List(null))
        {
            if (!instance.IsTerminating)
                Begin(store, instance, "Background");
        }
    }

    private static bool HoldsContents(ObjectStore store, StoredObject live) =>
        (IsNamespace(live) && Contents(store, live).Count > 0) || (IsDefinition(live) && KindOf(store, live) is { Table.Count: > 0 });

    private static List<StoredObject> Contents(ObjectStore store, StoredObject space)
    {
        var contents = new List<StoredObject>();
        foreach (var kind in store.Registry.Kinds)
        {
            if (kind.Namespaced && ReferenceEquals(kind, kind.StorageKind))
                contents.AddRange(kind.Table.List(space.Name));
        }
        return contents;
    }

    // Kubernetes' garbage collector: who has lost every owner goes; who has lost some of several forgets those.
    private static void Collect(ObjectStore store, StoredObject dependent)
    {
        var owners = dependent.Json.Object("metadata").Array("ownerReferences");
        if (owners is null || owners.Count == 0)
            return;
        var gone = 0;
        foreach (var owner in owners)
        {
            // Of an owner that cannot be looked up nothing is concluded.
            if (!IsResolvable(store, owner, dependent))
                return;
            gone += FindOwner(store, owner, dependent.Namespace) is null ? 1 : 0;
        }
        if (gone == owners.Count)
            Begin(store, dependent, "Background");
        else if (gone > 0)
            Disown(store, dependent, owner => FindOwner(store, owner, dependent.Namespace) is null);
    }

    // A kind that is not served is no ground for a deletion, and neither is an owner in a namespace of an object that is in none.
    private static bool IsResolvable(ObjectStore store, JsonNode? owner, StoredObject dependent) =>
        store.Registry.FindByKind(owner.Text("apiVersion") ?? "", owner.Text("kind") ?? "") is { } kind
        && (!kind.Namespaced || dependent.Namespace.Length > 0);

    private static bool HasOtherOwner(ObjectStore store, StoredObject dependent, string uid)
    {
        foreach (var owner in dependent.Json.Object("metadata").Array("ownerReferences") ?? [])
        {
            if (owner.Text("uid") != uid && FindOwner(store, owner, dependent.Namespace) is { } other &&
                !other.Json.Object("metadata").Array("finalizers").Texts().Contains(Foreground))
                return true;
        }
        return false;
    }

    private static bool Blocks(StoredObject dependent, string uid)
    {
        foreach (var owner in dependent.Json.Object("metadata").Array("ownerReferences") ?? [])
        {
            if (owner.Text("uid") == uid && owner.Boolean("blockOwnerDeletion") == true)
                return true;
        }
        return false;
    }

    private static bool HasDependents(ObjectStore store, StoredObject live) => store.Dependents(live.Uid).Count > 0;

    private static StoredObject? FindOwner(ObjectStore store, JsonNode? owner, string @namespace)
    {
        var kind = store.Registry.FindByKind(owner.Text("apiVersion") ?? "", owner.Text("kind") ?? "");
        var live = kind?.Table.Find(kind.Namespaced ? @namespace : "", owner.Text("name") ?? "");
        return live?.Uid == owner.Text("uid") ? live : null;
    }

    private static StoredObject? FindDefinition(ObjectStore store, ResourceKind kind) =>
        store.Registry.Find("apiextensions.k8s.io", "customresourcedefinitions")?.Table.Find("", $"{kind.Plural}.{kind.Group}");

    private static ResourceKind? KindOf(ObjectStore store, StoredObject definition)
    {
        var spec = definition.Json.Object("spec");
        return store.Registry.Find(spec.Text("group") ?? "", spec.Text("names", "plural") ?? "");
    }

    private static bool IsNamespace(StoredObject stored) => stored.Kind.Plural == "namespaces" && stored.Kind.Group.Length == 0;

    private static bool IsDefinition(StoredObject stored) =>
        stored.Kind.Plural == "customresourcedefinitions" && stored.Kind.Group == "apiextensions.k8s.io";
}
