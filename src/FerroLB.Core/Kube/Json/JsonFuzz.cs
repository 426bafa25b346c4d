using System;

namespace FerroLB.Core.Kube.Json;

/// <summary>The fuzzer's way in: every reader of the API's JSON on one input.</summary>
public static class JsonFuzz
{
    /// <summary>Reads the bytes as every kind, list page, watch line and Status there is. Never throws.</summary>
    /// <returns>How many of the readings gave something, so that a fuzzer can tell deep inputs from shallow ones.</returns>
    public static int Run(ReadOnlyMemory<byte> bytes)
    {
        var strings = new StringTable();
        var read = KubeStatus.Read(bytes).Code != 0 ? 1 : 0;
        read += Try(KubeKinds.Services, bytes, strings) + Try(KubeKinds.EndpointSlices, bytes, strings);
        read += Try(KubeKinds.Nodes, bytes, strings) + Try(KubeKinds.Namespaces, bytes, strings);
        read += Try(KubeKinds.Pods, bytes, strings) + Try(KubeKinds.Secrets, bytes, strings);
        read += Try(KubeKinds.ConfigMaps, bytes, strings) + Try(KubeKinds.Leases, bytes, strings);
        read += Try(KubeKinds.IpAddressPools, bytes, strings) + Try(KubeKinds.L2Advertisements, bytes, strings);
        read += Try(KubeKinds.BgpAdvertisements, bytes, strings) + Try(KubeKinds.BgpPeers, bytes, strings);
        read += Try(KubeKinds.BfdProfiles, bytes, strings) + Try(KubeKinds.Communities, bytes, strings);
        read += Try(KubeKinds.ServiceL2Statuses, bytes, strings) + Try(KubeKinds.ServiceBgpStatuses, bytes, strings);
        read += Try(KubeKinds.ValidatingWebhookConfigurations, bytes, strings) + Try(KubeKinds.CustomResourceDefinitions, bytes, strings);
        return read + Try(KubeKinds.ConfigurationStates, bytes, strings);
    }

    private static int Try<T>(KubeKind<T> kind, ReadOnlyMemory<byte> bytes, StringTable strings)
        where T : Objects.KubeObject
    {
        var read = KubeJson.ReadObject(kind, bytes, strings, out _) is null ? 0 : 1;
        if (ListPage<T>.Read(kind, bytes, strings, out _) is { } page)
            read += 1 + page.Items.Count;
        if (WatchLine<T>.Read(kind, bytes, strings).Kind != WatchLineKind.Garbage)
            read++;
        return read;
    }
}
