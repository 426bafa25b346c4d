using System.Collections.Generic;

namespace FerroLB.Core.Status;

/// <summary>Declares a metric: its name, whether it is a counter (else a gauge), and what it says.</summary>
/// <param name="Name">The full name.</param>
/// <param name="IsCounter">True for a counter, false for a gauge.</param>
/// <param name="Help">The HELP text.</param>
public sealed record MetricDeclaration(string Name, bool IsCounter, string Help);

/// <summary>Every metric that FerroLB exposes, with the names and labels of MetalLB so that dashboards and alerts keep working.</summary>
public static class MetricVocabulary
{
    /// <summary>The declarations, in the order in which they are exposed.</summary>
    public static IReadOnlyList<MetricDeclaration> All { get; } =
    [
        new("metallb_allocator_addresses_total", false, "Number of addresses in a pool."),
        new("metallb_allocator_addresses_in_use_total", false, "Number of addresses of a pool that are in use."),
        new("metallb_allocator_ipv4_addresses_total", false, "Number of IPv4 addresses in a pool."),
        new("metallb_allocator_ipv6_addresses_total", false, "Number of IPv6 addresses in a pool."),
        new("metallb_allocator_ipv4_addresses_in_use_total", false, "Number of IPv4 addresses of a pool that are in use."),
        new("metallb_allocator_ipv6_addresses_in_use_total", false, "Number of IPv6 addresses of a pool that are in use."),
        new("metallb_allocator_services_allocated_total", false, "Number of Services that have an address of a pool."),
        new("metallb_k8s_client_updates_total", true, "Number of Kubernetes object updates processed."),
        new("metallb_k8s_client_update_errors_total", true, "Number of Kubernetes object updates that failed for any reason."),
        new("metallb_k8s_client_config_loaded_bool", false, "1 once a configuration was loaded."),
        new("metallb_k8s_client_config_stale_bool", false, "1 while an older configuration is in use because the present one is invalid."),
        new("ferrolb_events_dropped_total", true, "Number of Events that were not written because too many waited already."),
        new("leader_election_master_status", false, "1 while this process leads by the named Lease, 0 while it stands by."),
        new("metallb_speaker_announced", false, "1 for each Service address that this node announces or advertises."),
        new("metallb_layer2_requests_received", true, "Number of layer-2 requests received for an announced address."),
        new("metallb_layer2_responses_sent", true, "Number of layer-2 responses sent for an announced address."),
        new("metallb_layer2_gratuitous_sent", true, "Number of gratuitous layer-2 packets sent for an announced address."),
        new("metallb_bgp_session_up", false, "1 while the BGP session with the peer is established, otherwise 0."),
        new("metallb_bgp_announced_prefixes_total", false, "Number of prefixes that the BGP peer is to know."),
        new("metallb_bgp_pending_prefixes_total", false, "Number of prefixes that the BGP peer is still to be told or to lose."),
        new("metallb_bgp_updates_total", true, "Number of BGP UPDATE messages sent."),
        new("metallb_bgp_updates_total_received", true, "Number of BGP UPDATE messages received."),
        new("metallb_bgp_opens_sent", true, "Number of BGP OPEN messages sent."),
        new("metallb_bgp_opens_received", true, "Number of BGP OPEN messages received."),
        new("metallb_bgp_notifications_sent", true, "Number of BGP NOTIFICATION messages sent."),
        new("metallb_bgp_keepalives_sent", true, "Number of BGP KEEPALIVE messages sent."),
        new("metallb_bgp_keepalives_received", true, "Number of BGP KEEPALIVE messages received."),
        new("metallb_bgp_route_refresh_sent", true, "Number of BGP ROUTE-REFRESH messages sent."),
        new("metallb_bgp_total_sent", true, "Number of BGP messages sent."),
        new("metallb_bgp_total_received", true, "Number of BGP messages received."),
        new("metallb_bfd_session_up", false, "1 while the BFD session with the peer is up, otherwise 0."),
        new("metallb_bfd_control_packet_input", true, "Number of BFD control packets received."),
        new("metallb_bfd_control_packet_output", true, "Number of BFD control packets sent."),
        new("metallb_bfd_echo_packet_input", true, "Number of own BFD echo packets that came back."),
        new("metallb_bfd_echo_packet_output", true, "Number of BFD echo packets sent."),
        new("metallb_bfd_session_up_events", true, "Number of times that the BFD session came up."),
        new("metallb_bfd_session_down_events", true, "Number of times that the BFD session went down after it was up."),
        new("metallb_bfd_zebra_notifications", true, "Number of times that BGP was told that the path is there or lost."),
        new(
            "ferrolb_layer2_conflicts_total", true,
            "Claims of an announced address by other hosts, outside of hand-overs and at most one counted per second."),
        new("ferrolb_heartbeats_sent_total", true, "Number of heartbeats sent to other speakers, over all interfaces."),
        new("ferrolb_heartbeats_received_total", true, "Number of heartbeats of other speakers that were taken."),
        new("ferrolb_heartbeats_refused_total", true, "Number of datagrams on the port of heartbeats that were refused for a reason."),
        new("ferrolb_takeovers_total", true, "Number of Services that this node took over because their node fell silent."),
    ];
}
